import { Sick } from '../../../../models/host.ts';

/** A unit in the manager's own list (org.freedesktop.systemd1.Manager.ListUnits). */
export interface ListedUnit {
  readonly name: string;
  readonly activeState: string;
  readonly subState: string;
  /** `start`, `stop` … while a job is running. */
  readonly job: string;
}

/** The user manager's list of units; empty if it is down. */
export function unitsListed(section: string | undefined): readonly ListedUnit[] {
  if (section === undefined || section === '') return [];
  try {
    const { data } = JSON.parse(section) as { data: [readonly (readonly string[])[]] };
    return data[0].map(([name = '', , , activeState = '', subState = '', , , , job = '']) => ({
      name,
      activeState,
      subState,
      job,
    }));
  } catch (error) {
    throw new Sick(`the user manager's answer is no JSON: ${(error as Error).message}\n${section.slice(0, 500)}`);
  }
}

/** A health timer is named by its container and, from podman 5.1 on, a suffix (facts.md F56; facts-debian13 F87). */
const timer = /^([0-9a-f]{64})(-startup)?(-[0-9a-f]+)?\.timer$/;

/** Health timers whose container does not run, with the ids taken out. */
export function strayTimers(units: readonly ListedUnit[], running: ReadonlySet<string>): readonly string[] {
  return units
    .map(({ name }) => timer.exec(name))
    .filter(match => match !== null && !running.has(match[1] ?? ''))
    .map(match => `CONTAINER${match?.[2] ?? ''}${match?.[3] === undefined ? '' : '-ID'}.timer`);
}
