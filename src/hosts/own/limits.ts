import type { MachineLimits } from '../../../models/limits.ts';
import { searchPath } from '../../../models/machine/search-path.ts';
import type { Need } from '../../../models/role.ts';
import type { OwnHostFacts } from './facts.ts';
import type { OwnHost } from './own-host.ts';

/** Levers that need root. */
const needRoot = new Set<Need>([
  'rebuild interrupted',
  'rollback interrupted',
  'rebuild as-manager-starts',
  'manager stop',
  'manager start',
  'registry stop',
  'registry start',
  'publish nothing',
  'autoUpdate service',
  'autoUpdate own-unit',
  'autoUpdate full-disk',
  'machine reboot',
  'machine terminate-user',
  'machine linger-off',
  'machine linger-on',
  'machine fill-store',
  'machine free-store',
  'machine etc-read-only',
  'machine etc-writable',
]);

/**
 * What affects more than the stacks under test: allowed only if the hosts file names it. What undoes a fault is not in this
 * list.
 */
const wholeMachine = new Set<Need>([
  'manager stop',
  'registry stop',
  'rebuild as-manager-starts',
  'machine reboot',
  'machine terminate-user',
  'machine linger-off',
  'machine fail-unrelated-unit',
  'machine fill-store',
  'machine etc-read-only',
  'machine elapse-timers',
  'place default.target',
  'autoUpdate full-disk',
  'shell',
]);

/** What would end a session of the operator's, in which stackfuzz itself runs, or would be blocked by it. */
const againstSession = new Set<Need>(['manager stop', 'machine terminate-user', 'machine linger-off']);

const registry = new Set<Need>(['registry stop', 'registry start']);
const updates = new Set<Need>([
  'autoUpdate command',
  'autoUpdate interrupted',
  'autoUpdate service',
  'autoUpdate own-unit',
  'autoUpdate full-disk',
  'rebuild beside-update',
]);

/** What can be done to a machine of one's own, and is allowed. */
export function limitsOf(
  host: OwnHost,
  facts: Pick<OwnHostFacts, 'inSession' | 'isNixos' | 'othersUpdated'>,
): MachineLimits {
  const { operations, probe, commands, root, transport } = host;
  const hasRoot = root !== 'none';
  const lacks = (need: Need): string | null => {
    if (!hasRoot && needRoot.has(need)) return 'it needs root, and the hosts file says root: none';
    if (!hasRoot && commands === 'profile' && /^(rebuild|rollback)/.test(need))
      return "it needs root: the profile's own commands are run as root";
    if (need === 'podman prune') return 'it would remove stopped containers that are not under test';
    if (need === 'machine power-cut') return 'nobody here can cut the power of that machine';
    if (!hasRoot && need === 'place' && host.owner.startsWith('/'))
      return `it needs root: the owner installs units in ${host.owner}`;
    if (facts.inSession && againstSession.has(need))
      return `it needs that ${host.operator} is not logged in, and stackfuzz is, as them: root: ssh-root`;
    // Whatever else ends at a reboot is started again by the boot; stackfuzz itself is not.
    if (need === 'machine reboot' && transport.kind === 'local')
      return 'it needs another computer than this one, which stackfuzz itself runs on (transport: local)';
    if (registry.has(need) && probe.unit === undefined) return 'it needs probe.unit: the unit of the registry';
    if (need === 'publish nothing' && probe.tags === undefined)
      return 'it needs probe.tags: where the registry keeps its tags';
    if (need === 'rollback' && commands !== 'profile' && commands.rollback === undefined)
      return 'it needs commands.rollback';
    if (/^(?:rebuild|rollback) interrupted$/.test(need) && commands !== 'profile')
      return 'it needs commands: profile: whose links are watched while it runs';
    const [other] = facts.othersUpdated;
    return other !== undefined && updates.has(need) ? `it would update ${other} too, which is not under test` : null;
  };
  const refuses = (name: string, needs: readonly Need[]): string | null => {
    if (operations.refuse.includes(name)) return 'operations.refuse names it';
    if (operations.only !== null && !operations.only.includes(name)) return 'operations.only does not name it';
    // A registry that stackfuzz serves is used by nobody else.
    const isWide = (need: Need): boolean => wholeMachine.has(need) && !(registry.has(need) && probe.serve === true);
    if (!needs.some(isWide) || operations.allow.includes(name)) return null;
    return 'it concerns the whole machine, and operations.allow does not name it';
  };
  return {
    lacks,
    refuses,
    // A drop-in for every service also extends those that are not under test; the store that NixOS boots from cannot be
    // written.
    takes: args =>
      args.level !== 'type' &&
      Object.values(args).every(value => {
        const directory = directoryOf(value);
        if (directory === undefined || !directory.startsWith('/')) return true;
        return hasRoot && !(facts.isNixos && !directory.startsWith('/run/'));
      }),
  };
}

const directoryOf = (value: unknown): string | undefined =>
  typeof value === 'string'
    ? searchPath.find(directory => value === directory || value.startsWith(`${directory}/`))
    : undefined;
