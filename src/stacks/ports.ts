import type { ProjectPort, ProjectService } from '../../models/machine/compose-project.ts';
import { badFile } from './problems.ts';

/** Reports what is used otherwise than it is written, and where. */
export type Say = (path: readonly string[], what: string) => void;

/** A published port, in the form of the provider's answer. */
export interface AnsweredPort {
  readonly host_ip?: string;
  readonly target: number;
  readonly published?: string;
  readonly protocol?: string;
}

/** Ports that a lab machine uses itself, and those that an operator without root cannot publish. */
const isTaken = (port: number): boolean => port < 1024 || port === 5000 || port === 5001;

/**
 * The port that replaces one that cannot be published: the first that is a multiple of 10000 higher and that these files do not
 * publish.
 */
function instead(port: number, published: ReadonlySet<number>): number {
  if (!isTaken(port)) return port;
  let there = port + 10_000;
  while (published.has(there)) there += 10_000;
  return there;
}

/** The fixed ports that services publish. */
export const publishedIn = (services: readonly { readonly ports?: readonly AnsweredPort[] }[]): readonly number[] =>
  services.flatMap(({ ports = [] }) => ports.map(({ published = '' }) => Number(published)));

/** The ports of a service. @param published all ports of the files that are run together */
export function portsOf(
  given: readonly AnsweredPort[],
  published: ReadonlySet<number>,
  at: readonly string[],
  say: Say,
): readonly ProjectPort[] {
  return given.flatMap(({ host_ip = '', published: port = '', target, protocol = 'tcp' }) => {
    if (port === '' || port.includes('-')) {
      say(at, `${target}: published wherever there is room, so not at all`);
      return [];
    }
    const isHere = ['', '0.0.0.0', '127.0.0.1'].includes(host_ip);
    if (!isHere) say(at, `address ${host_ip}: all addresses`);
    const wanted = Number(port);
    const there = instead(wanted, published);
    if (there !== wanted) say(at, `${wanted}: published as ${there}`);
    const address = isHere && host_ip !== '0.0.0.0' ? host_ip : '';
    return [{ address, published: there, target, protocol: protocol === 'udp' ? 'udp' : 'tcp' }];
  });
}

/** Whether two ports cannot be published at the same time. */
export const clash = (one: ProjectPort, other: ProjectPort): boolean =>
  one.published === other.published &&
  one.protocol === other.protocol &&
  (one.address === '' || other.address === '' || one.address === other.address);

type Named = readonly (readonly [string, ProjectService])[];

/**
 * Two services may publish one port only if compose profiles decide which of them has it: then the first one gets it here.
 * @throws Problem
 */
export function withoutClashes(services: Named, at: (path: readonly string[]) => string, say: Say): Named {
  const taken: { readonly name: string; readonly port: ProjectPort; readonly isOn: boolean }[] = [];
  const inOrder = [...services].sort(([, one], [, other]) => one.profiles.length - other.profiles.length);
  const kept = inOrder.map(([name, service]) => {
    const isOn = service.profiles.length === 0;
    const ports = service.ports.filter(port => {
      const other = taken.find(each => clash(each.port, port));
      if (other === undefined) {
        taken.push({ name, port, isOn });
        return true;
      }
      const where = ['services', name, 'ports'];
      if (isOn && other.isOn)
        throw badFile('a port that is published once', `${port.published}, which ${other.name} publishes`, at(where));
      say(where, `${port.published}: left out, since ${other.name} publishes it too`);
      return false;
    });
    return [name, { ...service, ports }] as const;
  });
  return services.map(([name]) => kept.find(([other]) => other === name) as Named[number]);
}
