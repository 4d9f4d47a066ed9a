import type { ContainerArgs } from '../../families/containers.ts';
import { containerChange, linesOfKind, withLine } from '../../families/podman-by-hand.ts';

interface NetworkArgs extends ContainerArgs {
  readonly network: string;
}

/** An operator detaches a container from a network: `podman network disconnect`. Never one that publishes a port. */
export default containerChange<NetworkArgs>({
  deed: 'disconnect',
  describe: ({ stack, service, network }) => `detach the container of ${stack}/${service} from ${network} by hand`,
  choices: ({ settings }, at) => {
    const [line] = linesOfKind(settings, 'port').length > 0 ? [] : linesOfKind(settings, 'network');
    return line === undefined ? [] : [{ ...at, network: line.split(' ')[1] ?? '' }];
  },
  what: ({ stack, service, network }) => ({ deed: 'disconnect', stack, service, network }),
  becomes: ({ settings }, { network }) => {
    const line = linesOfKind(settings, 'network').find(one => one.split(' ')[1] === network) ?? null;
    return { settings: withLine(settings, null, line) };
  },
});
