import type { ServiceArgs } from '../../families/mutation.ts';
import { serviceEdit } from '../../families/project-edit.ts';
import type { ProjectPort } from '../../machine/compose-project.ts';

interface PortArgs extends ServiceArgs {
  readonly edit: 'move' | 'add' | 'remove';
  /** Which port of the host: the one that is moved or taken out, or that is added. */
  readonly published: number;
}

const added: ProjectPort = { address: '127.0.0.1', published: 18999, target: 8099, protocol: 'tcp' };

/** The operator publishes a port of a service elsewhere, one more, or no more, and rebuilds. */
export default serviceEdit<PortArgs>({
  describe: ({ stack, service, edit, published }) =>
    edit === 'move'
      ? `publish port ${published} of ${stack}/${service} elsewhere`
      : edit === 'add'
        ? `publish port ${published} of ${stack}/${service} as well`
        : `publish port ${published} of ${stack}/${service} no more`,
  choices: ({ ports, networkMode, ends }, at, { services }) => {
    if (networkMode !== null || ends !== null) return [];
    const [first] = ports;
    const taken = new Set(Object.values(services).flatMap(one => one.ports.map(({ published }) => published)));
    return [
      ...(first === undefined || taken.has(beside(first.published))
        ? []
        : [{ ...at, edit: 'move' as const, published: first.published }]),
      ...(taken.has(added.published) ? [] : [{ ...at, edit: 'add' as const, published: added.published }]),
      ...(first === undefined ? [] : [{ ...at, edit: 'remove' as const, published: first.published }]),
    ];
  },
  change: ({ ports }, { edit, published }) => ({
    ports:
      edit === 'add'
        ? [...ports, added]
        : ports.flatMap(port =>
            port.published !== published
              ? [port]
              : edit === 'remove'
                ? []
                : [{ ...port, published: beside(published) }],
          ),
  }),
});

/** Ports come in pairs, of which a move takes the other. */
const beside = (published: number): number => published ^ 1;
