import type { ServiceArgs } from '../../families/mutation.ts';
import { serviceEdit } from '../../families/project-edit.ts';
import type { ProjectService } from '../../machine/compose-project.ts';

interface PullArgs extends ServiceArgs {
  readonly pull: ProjectService['pull'];
}

/** The operator has the image of a service pulled at every start, or only where it is missing, and rebuilds. */
export default serviceEdit<PullArgs>({
  describe: ({ stack, service, pull }) => `have the image of ${stack}/${service} pulled ${inWords[pull]}`,
  choices: ({ pull }, at) => [{ ...at, pull: pull === 'always' ? 'missing' : 'always' }],
  change: (_service, { pull }) => ({ pull }),
});

const inWords = { always: 'at every start', missing: 'only where it is missing' } as const;
