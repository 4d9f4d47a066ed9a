import { projectEdit } from '../../families/project-edit.ts';

interface ProfileArgs extends Readonly<Record<string, string>> {
  readonly stack: string;
  readonly profile: string;
  readonly state: 'on' | 'off';
}

/** The operator switches a compose profile of a stack on or off, and rebuilds. */
export default projectEdit<ProfileArgs>({
  describe: ({ stack, profile, state }) => `switch the compose profile ${profile} of ${stack} ${state}`,
  choices: (project, stack) =>
    [...new Set(Object.values(project.services).flatMap(({ profiles }) => profiles))].map(profile => ({
      stack,
      profile,
      state: project.profiles.includes(profile) ? 'off' : 'on',
    })),
  change: ({ profiles }, { profile, state }) => ({
    profiles: state === 'on' ? [...profiles, profile] : profiles.filter(name => name !== profile),
  }),
});
