import type { ServiceArgs } from '../../families/mutation.ts';
import { serviceEdit } from '../../families/project-edit.ts';

interface ConfigArgs extends ServiceArgs {
  readonly config: string;
}

const moved = '.moved';

/** The operator gives a service one of its configs at another path, and rebuilds. */
export default serviceEdit<ConfigArgs>({
  describe: ({ stack, service, config }) => `give ${stack}/${service} the config ${config} at another path`,
  choices: ({ configs }, at) => Object.keys(configs).map(config => ({ ...at, config })),
  change: ({ configs }, { config }) => {
    const path = configs[config] ?? '';
    return {
      configs: { ...configs, [config]: path.endsWith(moved) ? path.slice(0, -moved.length) : `${path}${moved}` },
    };
  },
});
