import type { Rest } from '../../../models/host.ts';
import type { Declaration } from '../../../models/machine/declaration.ts';
import { unitOf } from '../../../models/machine/search-path.ts';
import type { Look } from './observe/look.ts';

const moving = new Set(['activating', 'deactivating', 'reloading']);
const passing = new Set(['stopping', 'restarting']);

/**
 * Whether the machine was at rest when it was looked at, and what it was waiting for. `degraded` is no reason to wait, and
 * neither is a health that stays `starting` (facts-debian13 F95, F99).
 */
export function restOf({ rested, manager, listed, containers }: Look): Rest {
  if (rested) return { rested, waiting: [] };
  const waiting = manager === 'running' || manager === 'down' ? [] : [`the user manager is ${manager || 'silent'}`];
  for (const { name, activeState, job } of listed) {
    if (job !== '') waiting.push(`${name} has a ${job} job`);
    else if (moving.has(activeState)) waiting.push(`${name} is ${activeState}`);
  }
  for (const { name, container } of containers) {
    if (passing.has(container.state)) waiting.push(`container ${name} is ${container.state}`);
  }
  return { rested, waiting: waiting.length > 0 ? waiting : ['something that moved during the last look'] };
}

/**
 * Why a machine cannot be the start of a run: it must be at rest, with every stack running and every declared job ended. Null
 * if it can.
 */
export function faultOf(look: Look, { stacks }: Pick<Declaration, 'stacks'>): string | null {
  const { rested, waiting } = restOf(look);
  if (!rested) return `it does not come to rest: ${waiting.join(', ')}`;
  const idle = Object.keys(stacks)
    .map(unitOf)
    .filter(unit => look.units.get(unit)?.unit.activeState !== 'active');
  const wrong = look.containers.flatMap(({ name, service, container }) => {
    if (isJob(stacks, service)) return container.state === 'exited' ? [] : [`container ${name} has not ended`];
    return container.state === 'running' ? [] : [`container ${name} does not run`];
  });
  const faults = [...idle.map(unit => `${unit} is not active`), ...wrong];
  return faults.length > 0 ? faults.join(', ') : null;
}

/** Whether `stack/service` is declared as a job. */
function isJob(stacks: Declaration['stacks'], name: string): boolean {
  const [stack = '', service = ''] = name.split('/');
  return stacks[stack]?.services[service]?.ends !== undefined;
}
