import type { ServiceArgs } from '../../families/mutation.ts';
import { serviceEdit } from '../../families/project-edit.ts';

interface AttachmentArgs extends ServiceArgs {
  readonly network: string;
  readonly edit: 'attach' | 'detach';
}

/** The operator attaches a service to another network of its stack, or detaches it from one, never the last, and rebuilds. */
export default serviceEdit<AttachmentArgs>({
  describe: ({ stack, service, network, edit }) =>
    edit === 'attach'
      ? `attach ${stack}/${service} to the network ${network}`
      : `detach ${stack}/${service} from the network ${network}`,
  choices: ({ networks, networkMode }, at, project) => {
    if (networkMode !== null) return [];
    const [other] = Object.keys(project.networks).filter(name => !networks.includes(name));
    const last = networks.at(-1);
    return [
      ...(other === undefined ? [] : [{ ...at, network: other, edit: 'attach' as const }]),
      ...(networks.length < 2 || last === undefined ? [] : [{ ...at, network: last, edit: 'detach' as const }]),
    ];
  },
  change: ({ networks }, { network, edit }) => ({
    networks: edit === 'attach' ? [...networks, network] : networks.filter(name => name !== network),
  }),
});
