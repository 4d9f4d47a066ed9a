import { Problem } from '../../../problem.ts';

/** Why a run does not begin on a host: `kind` is for programs, the rest for people. */
export interface Refusal {
  readonly kind:
    | 'environment'
    | 'marker'
    | 'production'
    | 'outsider'
    | 'folder'
    | 'place'
    | 'operator'
    | 'lock'
    | 'unrestored'
    | 'identity'
    | 'root';
  readonly expected: string;
  readonly found: string;
  readonly next: string;
}

/** Thrown before anything is changed: exit status 3. It lists all reasons. */
export class Refused extends Problem {
  readonly refusals: readonly Refusal[];

  /** @param name name of the host @param refusals at least one */
  constructor(name: string, refusals: readonly Refusal[]) {
    const [first, ...rest] = refusals as [Refusal, ...Refusal[]];
    const others = rest.map(each => `also: expected ${each.expected}, found ${each.found}\n  ${each.next}`);
    super({ ...first, next: [first.next, ...others].join('\n'), where: `--host ${name}` });
    this.refusals = refusals;
  }
}

/** The run that holds a host, as its lock says. */
export interface Holder {
  readonly run: string;
  readonly host: string;
  /** Who began it: `user@computer, process 4711`. */
  readonly from: string;
  /** When, by the host's clock. */
  readonly since: string;
  /** `open`, `beginning`, `restoring`, `left` … */
  readonly state: string;
  /**
   * Seconds for which the host still waits for it; `null` if it was begun before the last boot, negative if that time is over.
   */
  readonly remaining: number | null;
}

/** Whether the run that holds the lock has probably ended. */
export const isStale = ({ remaining, state }: Holder): boolean =>
  state === 'left' || remaining === null || remaining < 0;

/** Why a lock prevents a run, and what to type. */
export function lockRefusal(name: string, holder: Holder): Refusal {
  const who = `the lock of run ${holder.run} (from ${holder.from}, since ${holder.since})`;
  const expected = 'a host that nobody else is testing';
  if (holder.state === 'left')
    return {
      kind: 'unrestored',
      expected: 'a host as it was before',
      found: `${who}, after which not everything could be put right`,
      next: `To see what is left, and to try again: stackfuzz restore --host ${name}`,
    };
  if (!isStale(holder))
    return {
      kind: 'lock',
      expected,
      found: `${who}, which was heard of: the host waits another ${holder.remaining} s for it`,
      next: `Let it end. If it is gone for good: stackfuzz restore --host ${name} --break-lock`,
    };
  const why = holder.remaining === null ? 'the host was booted since' : 'nothing was heard of it for too long';
  return {
    kind: 'unrestored',
    expected,
    found: `${who}; ${why}, so it is over, and what it changed is not put back yet`,
    next: `stackfuzz restore --host ${name}`,
  };
}

/** What to type, for each reason that the host itself reports. */
export function hostRefusal(name: string, kind: string, found: string): Refusal {
  switch (kind) {
    case 'marker':
      return {
        kind,
        expected: `a marker on the host that says  host: ${name}  (a file, no link, of root's or the operator's, that nobody else can write)`,
        found,
        next: `If anything may happen to that host, type there: mkdir -p ~/.config/stackfuzz && echo 'host: ${name}' > ~/.config/stackfuzz/non-prod && chmod go-w ~/.config/stackfuzz ~/.config/stackfuzz/non-prod`,
      };
    case 'production':
      return {
        kind,
        expected: 'a host that nobody relies on',
        found,
        next: 'Take another host. stackfuzz audit looks at this one without changing it.',
      };
    case 'outsider':
      return {
        kind,
        expected: 'that nothing runs which is not under test: operations are allowed that reach the whole user manager',
        found,
        next: 'Stop it, or name it under expendable in the hosts file, or leave these operations out (docs/safety.md).',
      };
    case 'place':
      return {
        kind,
        expected:
          'units and secrets in folders of their own: what a link leads to would be changed, and not be brought back',
        found,
        next: 'Make it a folder there, or test the stacks of another user.',
      };
    case 'operator':
      return {
        kind,
        expected: 'an operator who is not root: their stacks are rootless, and nothing of the system is theirs',
        found,
        next: 'Write the user who runs the stacks: operator: NAME',
      };
    default:
      return {
        kind: kind === 'folder' ? 'folder' : 'lock',
        expected: 'a folder of our own on the host',
        found,
        next: 'Move it away; stackfuzz makes it anew.',
      };
  }
}
