import { mutation, type ServiceArgs, withService } from '../../families/mutation.ts';

interface DigestArgs extends ServiceArgs {
  readonly version: string;
}

/** The operator declares a build of the image by its digest, which no push can change, and rebuilds. */
export default mutation<DigestArgs>({
  describe: ({ stack, service, version }) => `pin the image of ${stack}/${service} to the digest of ${version}`,
  choices: (now, at, { setup }) =>
    setup.versions.filter(version => `@${version}` !== now.tag).map(version => ({ ...at, version })),
  change: (services, { service, version }) => withService(services, service, { tag: `@${version}` }),
});
