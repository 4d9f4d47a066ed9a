import { mutation, type ServiceArgs, withService } from '../mutation.ts';

interface TagArgs extends ServiceArgs {
  readonly tag: string;
}

/** The operator names another tag of a service's image, and rebuilds (scenario S03). */
export default mutation<TagArgs>({
  describe: ({ stack, service, tag }) => `change the image of ${stack}/${service} to tag ${tag}, and rebuild`,
  choices: (now, at, { setup }) =>
    ['stable', ...setup.versions].filter(tag => tag !== now.tag).map(tag => ({ ...at, tag })),
  change: (services, { service, tag }) => withService(services, service, { tag }),
});
