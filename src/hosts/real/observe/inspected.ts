/** What podman says of one container, as far as it is used here. */
export interface Inspected {
  readonly Id?: string;
  readonly Name: string;
  readonly Created: string;
  readonly Image: string;
  readonly ImageName: string;
  readonly IsInfra: boolean;
  readonly State: {
    readonly Status: string;
    readonly StartedAt: string;
    readonly Pid?: number;
    readonly ConmonPid?: number;
    readonly ExitCode?: number;
    readonly Health?: { readonly Status: string } | null;
  };
  readonly HostConfig?: {
    readonly RestartPolicy?: { readonly Name: string };
    /** `bridge`, `none`, `host`, or `container:ID`. */
    readonly NetworkMode?: string;
    readonly PortBindings?: Readonly<
      Record<string, readonly { readonly HostIp?: string; readonly HostPort: string }[] | null>
    > | null;
    readonly Tmpfs?: Readonly<Record<string, string>> | null;
  };
  readonly NetworkSettings?: { readonly Networks?: Readonly<Record<string, unknown>> | null };
  readonly Config: {
    readonly Env: readonly string[] | null;
    readonly Labels: Readonly<Record<string, string>> | null;
    readonly Cmd?: readonly string[] | null;
    readonly User?: string;
    readonly WorkingDir?: string;
    readonly Hostname?: string;
    /** Nanoseconds. */
    readonly Healthcheck?: {
      readonly Interval?: number;
      readonly Timeout?: number;
      readonly Retries?: number;
      readonly StartPeriod?: number;
    } | null;
  };
  readonly Mounts?:
    | readonly {
        readonly Type?: string;
        readonly Name?: string;
        readonly Source?: string;
        readonly Destination?: string;
        readonly RW?: boolean;
      }[]
    | null;
}
