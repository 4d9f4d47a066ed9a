import type { AnsweredPort } from './ports.ts';

/** The answer of `docker compose config --format json` about a project, as far as it is used here. */
export interface ComposeAnswer {
  readonly name: string;
  readonly services?: Readonly<Record<string, AnsweredService>>;
  readonly networks?: Readonly<Record<string, AnsweredNetwork | null>>;
  readonly volumes?: Readonly<Record<string, AnsweredVolume | null>>;
  readonly configs?: Readonly<Record<string, AnsweredText | null>>;
  readonly secrets?: Readonly<Record<string, AnsweredText | null>>;
}

export type Texts = Readonly<Record<string, string>>;
type Tree = Readonly<Record<string, unknown>>;

export interface AnsweredService extends Tree {
  readonly image?: string;
  readonly command?: readonly string[] | null;
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly labels?: Texts;
  readonly user?: string;
  readonly working_dir?: string;
  readonly hostname?: string;
  readonly restart?: string;
  readonly healthcheck?: { readonly disable?: boolean; readonly test?: readonly string[] };
  readonly ports?: readonly AnsweredPort[];
  readonly volumes?: readonly {
    readonly type: string;
    readonly source?: string;
    readonly target: string;
    readonly read_only?: boolean;
  }[];
  readonly tmpfs?: readonly string[];
  readonly networks?: Readonly<Record<string, Tree | null>>;
  readonly network_mode?: string;
  readonly configs?: readonly { readonly source: string; readonly target?: string }[];
  readonly secrets?: readonly { readonly source: string; readonly target?: string }[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly profiles?: readonly string[];
  readonly pull_policy?: string;
}

export interface AnsweredNetwork {
  readonly name?: string;
  readonly driver?: string;
  readonly internal?: boolean;
  readonly external?: boolean;
  readonly ipam?: { readonly config?: readonly { readonly subnet?: string }[] };
}

export interface AnsweredVolume {
  readonly name?: string;
  readonly external?: boolean;
  readonly driver_opts?: Texts;
}

interface AnsweredText {
  readonly content?: string;
  readonly file?: string;
}
