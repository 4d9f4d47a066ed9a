import type { ContainerArgs } from '../../families/containers.ts';
import { containerChange, linesOfKind, withLine } from '../../families/podman-by-hand.ts';

interface NetworkArgs extends ContainerArgs {
  readonly network: string;
}

/** An operator attaches a container to another network of its stack: `podman network connect`. */
export default containerChange<NetworkArgs>({
  deed: 'connect',
  describe: ({ stack, service, network }) => `attach the container of ${stack}/${service} to ${network} by hand`,
  choices: ({ settings }, at, others) => {
    const own = linesOfKind(settings, 'network');
    if (own.length === 0 || linesOfKind(settings, 'port').length > 0) return [];
    const [line] = others
      .flatMap(other => linesOfKind(other.settings, 'network'))
      .filter(other => !own.some(one => nameIn(one) === nameIn(other)));
    return line === undefined ? [] : [{ ...at, network: nameIn(line) }];
  },
  what: ({ stack, service, network }) => ({ deed: 'connect', stack, service, network }),
  becomes: ({ settings }, { network }, others) => {
    const all = others.flatMap(other => linesOfKind(other.settings, 'network'));
    return { settings: withLine(settings, all.find(line => nameIn(line) === network) ?? null, null) };
  },
});

const nameIn = (line: string): string => line.split(' ')[1] ?? '';
