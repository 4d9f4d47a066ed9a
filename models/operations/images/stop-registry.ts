import { operation } from '../../operation.ts';

/** The registry goes down (scenario S13b). */
export default operation({
  kind: 'drift',
  needs: ['registry stop'],
  describe: () => 'stop the registry',
  choices: ({ registryUp }) => (registryUp ? [{}] : []),
  allowed: ({ registryUp }) => registryUp,
  apply: host => host.registry('stop'),
  expected: world => ({ ...world, registryUp: false }),
});
