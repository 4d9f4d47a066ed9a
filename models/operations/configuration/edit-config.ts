import { projectEdit } from '../../families/project-edit.ts';
import { isOn } from '../../machine/compose-project.ts';

interface ConfigArgs extends Readonly<Record<string, string>> {
  readonly stack: string;
  readonly config: string;
}

const line = 'changed = yes\n';

/**
 * The operator changes the text of a config that a service of a stack is given, or changes it back, and rebuilds. A mounted file or a
 * secret counts only if it is mounted here too: as a config it would be kept, while the provider notices another file.
 */
export default projectEdit<ConfigArgs>({
  describe: ({ stack, config }) => `change the text of the config ${config} of ${stack}`,
  choices: (project, stack) =>
    Object.keys(project.configs)
      .filter(config => project.mountsConfigs || !project.files?.includes(config))
      .filter(config => Object.values(project.services).some(one => isOn(project, one) && config in one.configs))
      .map(config => ({ stack, config })),
  change: ({ configs }, { config }) => {
    const text = configs[config] ?? '';
    return { configs: { ...configs, [config]: text.endsWith(line) ? text.slice(0, -line.length) : `${text}${line}` } };
  },
});
