import { operation } from '../../operation.ts';

/** A health timer stays whose container is gone, as after a removal that failed (facts.md F58; D14). */
export default operation({
  kind: 'drift',
  needs: ['orphanTimer'],
  describe: () => 'leave a health timer behind whose container is gone',
  choices: ({ manager, strayTimers }) => (manager === 'running' && strayTimers.length === 0 ? [{}] : []),
  allowed: ({ manager, strayTimers }) => manager === 'running' && strayTimers.length === 0,
  apply: host => host.orphanTimer(),
  expected: world => ({ ...world, strayTimers: ['CONTAINER-ID.timer'] }),
});
