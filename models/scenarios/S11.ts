import type { Step } from '../operation.ts';
import { type Scenario, step } from '../scenario.ts';

const rebuild = step('rebuild');
const changed = step('change-environment', { stack: 'web', service: 'app', greeting: 'goodbye' });
const [start, linger] = [step('start-manager'), step('linger-on')];

export default {
  about:
    'Stop the user manager, terminate the operator, take linger away, degrade the manager, reboot: rebuild in each ' +
    'state, with and without a change; then the way back, and rebuild.',
  passes: 'The rebuild that could not reconcile says so, and after the way back everything converges.',
  cases: () => ({
    ...rebuilt('stopped', [step('stop-manager')], [start, rebuild]),
    ...rebuilt('terminated', [step('terminate-user')], [start, rebuild]),
    ...rebuilt('linger taken away', [step('linger-off')], [linger, rebuild]),
    ...rebuilt('degraded', [step('fail-unrelated-unit')], [rebuild]),
    ...rebuilt('rebooted', [step('reboot')], [rebuild]),
    'rebooted without linger': [step('linger-off'), step('reboot'), rebuild, linger, rebuild],
    'stopped, and back without a rebuild': [step('stop-manager'), start, rebuild],
    'rebuilt while the manager starts': [
      step('stop-manager'),
      step('rebuild-as-manager-starts', { change: 'environment' }),
      rebuild,
    ],
  }),
} satisfies Scenario;

/** The same state of the machine, rebuilt without a change and with one. */
const rebuilt = (title: string, into: readonly Step[], back: readonly Step[]): Record<string, readonly Step[]> => ({
  [title]: [...into, rebuild, ...back],
  [`${title}, with a change`]: [...into, changed, ...back],
});
