import { type AuditFacts, property } from '../facts.ts';
import type { AuditFinding } from '../finding.ts';
import type { StackUnit } from '../stack-units.ts';
import { argvIn, expanded, plainCommand, wordsIn } from '../unit-text.ts';

/** Whether the manager has in memory what lies on disk. */
export function driftFindings(unit: StackUnit, facts: AuditFacts): readonly AuditFinding[] {
  if (unit.loaded === undefined || facts.manager !== 'running') return [];
  const { loaded, files, dropIns, settings } = unit;
  const found: AuditFinding[] = [];
  const say = (says: string, severity: AuditFinding['severity'] = 'warning'): void => {
    found.push({ kind: 'drift', severity, unit: unit.name, subject: unit.name, says });
  };
  const state = property(loaded, 'LoadState');
  const active = property(loaded, 'ActiveState');
  if (state === 'not-found' && (active !== 'inactive' || unit.containers.length > 0))
    say(`is ${active}, though it has no definition any more: stopping it stops no container`, 'critical');
  else if (['bad-setting', 'error', 'masked'].includes(state)) say(`is ${state}`, 'critical');
  if (property(loaded, 'NeedDaemonReload') === 'yes')
    say('was changed on disk since the manager read it: systemctl --user daemon-reload');
  const fragment = property(loaded, 'FragmentPath');
  const strongest = files.find(({ kind }) => kind !== 'directory');
  if (strongest !== undefined && fragment !== '' && !isSame(fragment, strongest.path))
    say(`is loaded from ${fragment}, though ${strongest.path} comes first`);
  const listed = property(loaded, 'DropInPaths').split(' ').filter(Boolean);
  const lying = new Set(dropIns.filter(({ kind }) => kind !== 'directory').map(({ path }) => path));
  for (const path of listed) if (!hasSame(lying, path)) say(`is loaded with ${path}, which is not there any more`);
  if (
    state === 'loaded' &&
    settings.length > 0 &&
    dropIns.length === 0 &&
    listed.length === 0 &&
    isSame(fragment, strongest?.path ?? '')
  ) {
    const key = differs(unit);
    if (key !== null)
      say(
        `has another ${key} in memory than ${fragment} on disk, and systemd does not notice: systemctl --user daemon-reload`,
      );
  }
  return found;
}

/** On Debian /etc/xdg/systemd/user is a link to /etc/systemd/user: systemd 252 tells a unit by that link. */
const plain = (path: string): string => path.replace(/^\/etc\/xdg\//, '/etc/');
const isSame = (one: string, other: string): boolean => plain(one) === plain(other);
const hasSame = (paths: ReadonlySet<string>, path: string): boolean => [...paths].some(each => isSame(each, path));

/**
 * What a unit has otherwise in memory than on disk. Files in the Nix store are all of one age, so that systemd sees no change
 * where a link leads to another one (facts.md F12). What cannot be compared for sure is passed over.
 */
function differs({ name, loaded, settings }: StackUnit): string | null {
  const inFile = (key: string) => settings.filter(each => each.key === key).map(({ value }) => value);
  const starts = inFile('ExecStart');
  const loadedStarts = loaded?.said.get('ExecStart') ?? [];
  if (starts.length === 1 && loadedStarts.length === 1) {
    const disk = expanded(plainCommand(starts[0] ?? ''), name);
    if (disk !== null && flat(disk) !== flat(argvIn(loadedStarts[0] ?? ''))) return 'ExecStart';
  }
  const disk = inFile('Environment').map(each => expanded(each, name));
  if (disk.every(each => each !== null)) {
    const words = (lines: readonly string[]) => lines.flatMap(wordsIn).join('\n');
    if (words(disk as string[]) !== words(loaded?.said.get('Environment') ?? [])) return 'Environment';
  }
  return null;
}

const flat = (line: string): string => line.replace(/["']/g, '').replace(/\s+/g, ' ').trim();
