import type { ContainerArgs } from '../../families/containers.ts';
import { containerChange, linesOfKind, withLine } from '../../families/podman-by-hand.ts';
import { writtenByHand } from '../../host.ts';
import { digestOf } from '../../machine/compose-project.ts';

interface FileArgs extends ContainerArgs {
  readonly path: string;
}

/** An operator overwrites a config in a running container: `podman exec`. */
export default containerChange<FileArgs>({
  deed: 'write',
  describe: ({ stack, service, path }) => `overwrite ${path} in the container of ${stack}/${service}`,
  choices: ({ effect }, at) =>
    linesOfKind(effect, 'config')
      .filter(line => !line.endsWith(` ${digestOf(writtenByHand)}`))
      .slice(0, 1)
      .map(line => ({ ...at, path: line.split(' ')[1] ?? '' })),
  what: ({ stack, service, path }) => ({ deed: 'write', stack, service, path }),
  becomes: ({ effect }, { path }) => {
    const line = linesOfKind(effect, 'config').find(one => one.split(' ')[1] === path) ?? null;
    return { effect: withLine(effect, `config ${path} ${digestOf(writtenByHand)}`, line) };
  },
});
