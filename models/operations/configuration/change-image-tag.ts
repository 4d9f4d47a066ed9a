import { mutation, type ServiceArgs, withService } from '../../families/mutation.ts';
import { broken } from '../../machine/declaration.ts';
import { isStandIn } from '../../transitions/images.ts';

interface TagArgs extends ServiceArgs {
  readonly tag: string;
}

/**
 * The operator changes the tag of a service's image, and rebuilds (scenario S03). The tag may also be one whose image cannot
 * run, or one that was never pushed. A service with a stand-in for its program runs any image.
 */
export default mutation<TagArgs>({
  describe: ({ stack, service, tag }) => `change the image of ${stack}/${service} to tag ${tag}`,
  choices: (now, at, { setup, declared }) => {
    const stack = declared.stacks[at.stack];
    const cannotRun = stack !== undefined && isStandIn(stack, at.service) ? [] : [broken];
    return ['stable', ...setup.versions, ...cannotRun, 'missing']
      .filter(tag => tag !== now.tag)
      .map(tag => ({ ...at, tag }));
  },
  change: (services, { service, tag }) => withService(services, service, { tag }),
});
