import { mutation, type ServiceArgs, withService } from '../../families/mutation.ts';
import { broken } from '../../machine/declaration.ts';

interface TagArgs extends ServiceArgs {
  readonly tag: string;
}

/**
 * The operator changes the tag of a service's image, and rebuilds (scenario S03). The tag may also be one whose image cannot
 * run, or one that was never pushed.
 */
export default mutation<TagArgs>({
  describe: ({ stack, service, tag }) => `change the image of ${stack}/${service} to tag ${tag}`,
  choices: (now, at, { setup }) =>
    ['stable', ...setup.versions, broken, 'missing'].filter(tag => tag !== now.tag).map(tag => ({ ...at, tag })),
  change: (services, { service, tag }) => withService(services, service, { tag }),
});
