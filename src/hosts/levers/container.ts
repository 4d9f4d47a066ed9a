import { quoted } from '../quote.ts';
import { type Lever, patient } from './lever.ts';

const commands = { stop: 'podman stop -t 2', remove: 'podman rm -f -t 2' } as const;

/** Stop or remove every container of a service, found by the labels that both providers give it (facts.md F50). */
export const handling = (action: 'stop' | 'remove', stack: string, service: string): Lever => {
  const label = (key: string, value: string) => `--filter ${quoted(`label=com.docker.compose.${key}=${value}`)}`;
  return {
    title: `${commands[action]} (${stack}/${service})`,
    as: 'operator',
    timeoutMs: patient,
    kind: 'claim',
    script: `ids=$(podman ps -aq ${label('project', stack)} ${label('service', service)}) || exit
[ -n "$ids" ] || { echo ${quoted(`no container of ${stack}/${service}`)} >&2; exit 1; }
exec ${commands[action]} $ids`,
  };
};
