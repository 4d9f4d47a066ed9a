import { projectEdit } from '../../families/project-edit.ts';

interface NetworkArgs extends Readonly<Record<string, string>> {
  readonly stack: string;
  readonly network: string;
  readonly option: 'internal' | 'subnet';
}

const subnet = '10.213.77.0/24';

/** The operator cuts a network of a stack off from the world or not, or gives it a subnet or none, and rebuilds. */
export default projectEdit<NetworkArgs>({
  describe: ({ stack, network, option }) => `change ${option} of the network ${network} of ${stack}`,
  choices: ({ networks }, stack) => {
    const own = Object.entries(networks).filter(([, { external }]) => !external);
    const isTaken = own.some(([, one]) => one.subnet === subnet);
    return own.flatMap(([network, one]) => [
      { stack, network, option: 'internal' as const },
      ...(isTaken && one.subnet !== subnet ? [] : [{ stack, network, option: 'subnet' as const }]),
    ]);
  },
  change: ({ networks }, { network, option }) => {
    const before = networks[network];
    if (before === undefined) return {};
    const change =
      option === 'internal' ? { internal: !before.internal } : { subnet: before.subnet === subnet ? null : subnet };
    return { networks: { ...networks, [network]: { ...before, ...change } } };
  },
});
