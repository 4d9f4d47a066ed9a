import type { ServiceArgs } from '../../families/mutation.ts';
import { serviceEdit } from '../../families/project-edit.ts';

interface MountArgs extends ServiceArgs {
  /** Where it is mounted. */
  readonly target: string;
  readonly edit: 'mode' | 'target';
}

/** The operator mounts something of a service read-only or writable, or at another place, and rebuilds. */
export default serviceEdit<MountArgs>({
  describe: ({ stack, service, target, edit }) =>
    edit === 'mode'
      ? `mount ${target} of ${stack}/${service} read-only, or writable again`
      : `mount ${target} of ${stack}/${service} elsewhere`,
  choices: ({ mounts }, at) =>
    mounts
      .slice(0, 1)
      .flatMap(({ type, target }) => [
        ...(type === 'tmpfs' ? [] : [{ ...at, target, edit: 'mode' as const }]),
        { ...at, target, edit: 'target' as const },
      ]),
  change: ({ mounts }, { target, edit }) => ({
    mounts: mounts.map(mount =>
      mount.target !== target
        ? mount
        : edit === 'mode'
          ? { ...mount, readOnly: !mount.readOnly }
          : { ...mount, target: target.endsWith('-moved') ? target.slice(0, -'-moved'.length) : `${target}-moved` },
    ),
  }),
});
