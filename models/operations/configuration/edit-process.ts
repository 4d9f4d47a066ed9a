import type { ServiceArgs } from '../../families/mutation.ts';
import { serviceEdit } from '../../families/project-edit.ts';

interface ProcessArgs extends ServiceArgs {
  readonly key: Key;
}

type Key = 'user' | 'workingDir' | 'hostname';

const inWords: Readonly<Record<Key, string>> = { user: 'user', workingDir: 'working_dir', hostname: 'hostname' };
const tried: Readonly<Record<Key, string>> = { user: '1000', workingDir: '/bin', hostname: 'changed' };

/** The operator has a service run as another user, in another directory or under another host name, or no more, and rebuilds. */
export default serviceEdit<ProcessArgs>({
  describe: ({ stack, service, key }) => `change the ${inWords[key]} of ${stack}/${service}`,
  choices: ({ networkMode }, at) =>
    (Object.keys(tried) as Key[])
      // Who shares a network also shares its host name.
      .filter(key => key !== 'hostname' || networkMode === null)
      .map(key => ({ ...at, key })),
  change: (service, { key }) => ({ [key]: service[key] === tried[key] ? null : tried[key] }),
});
