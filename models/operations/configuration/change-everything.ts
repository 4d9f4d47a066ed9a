import { edit, withService } from '../../families/mutation.ts';
import { edited } from '../../machine/declaration.ts';

/** The operator edits every stack at once, image and environment of each service, and rebuilds. */
export default edit<{ tag: string; greeting: string }>({
  describe: ({ tag, greeting }) => `change every service to tag ${tag} and GREETING to "${greeting}"`,
  choices: ({ setup, declared }) => {
    const services = Object.values(declared.stacks).flatMap(stack => Object.values(stack.services));
    const isSaid = services.some(({ greeting }) => greeting === 'hello');
    return setup.versions.map(tag => ({ tag, greeting: isSaid ? 'goodbye' : 'hello' }));
  },
  wanted: ({ declared }, { tag, greeting }) => {
    const revision = declared.revision + 1;
    const stacks = Object.keys(declared.stacks).map(stack => {
      const change = edited(declared, stack, services =>
        Object.keys(services).reduce((all, service) => withService(all, service, { tag, greeting }), services),
      );
      return [stack, change.stacks[stack]] as const;
    });
    return { revision, stacks: Object.fromEntries(stacks) as typeof declared.stacks };
  },
});
