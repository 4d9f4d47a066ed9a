import type { ServiceArgs } from '../../families/mutation.ts';
import { serviceEdit } from '../../families/project-edit.ts';

interface StatusArgs extends ServiceArgs {
  readonly status: number;
}

/** The operator's change makes a job of a stack fail, or end well again, and they rebuild. */
export default serviceEdit<StatusArgs>({
  describe: ({ stack, service, status }) => `have the job ${stack}/${service} end with ${status}`,
  choices: ({ ends }, at) => (ends === null ? [] : [{ ...at, status: ends === 0 ? 3 : 0 }]),
  change: (_service, { status }) => ({ ends: status }),
});
