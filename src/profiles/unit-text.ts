/** What is wrong with the text of a service unit, and in which line. */
export interface UnitTextFault {
  readonly expected: string;
  readonly found: string;
  /** Counted from 1. */
  readonly line: number;
}

/**
 * Reads a service unit as systemd does (man systemd.syntax): sections, `Key=value` lines, comments, lines that a backslash
 * continues. The manager refuses a service without ExecStart=, so it would never start (facts.md F9).
 */
export function faultInUnit(text: string): UnitTextFault | null {
  const lines = text.split('\n');
  const sections = new Set<string>();
  let section = '';
  let hasStart = false;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]?.trim() ?? '';
    const fault = faultIn(line, section);
    if (fault !== null) return { ...fault, line: at + 1 };
    const named = /^\[(.+)\]$/.exec(line)?.[1];
    if (named !== undefined) section = named;
    sections.add(section);
    hasStart ||= section === 'Service' && /^ExecStart\s*=\s*\S/.test(line);
    while (lines[at]?.endsWith('\\') && !isComment(line)) at++;
  }
  if (!sections.has('Service')) return { expected: 'a section [Service]', found: 'none', line: lines.length };
  return hasStart ? null : { expected: 'ExecStart= in [Service]', found: 'none', line: lines.length };
}

function faultIn(line: string, section: string): Omit<UnitTextFault, 'line'> | null {
  if (line === '' || isComment(line) || /^\[[^\][]+\]$/.test(line)) return null;
  if (section === '') return { expected: 'a section such as [Unit] first', found: line };
  return /^[A-Za-z][\w-]*\s*=/.test(line) ? null : { expected: 'Key=value', found: line };
}

const isComment = (line: string): boolean => line.startsWith('#') || line.startsWith(';');
