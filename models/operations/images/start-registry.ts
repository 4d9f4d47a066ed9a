import { operation } from '../../operation.ts';

/** The registry is back. */
export default operation({
  kind: 'drift',
  needs: ['registry start'],
  weight: 3,
  describe: () => 'start the registry',
  choices: ({ registryUp }) => (registryUp ? [] : [{}]),
  allowed: ({ registryUp }) => !registryUp,
  apply: host => host.registry('start'),
  expected: world => ({ ...world, registryUp: true }),
});
