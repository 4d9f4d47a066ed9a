import type { Entry } from '../../../corpus/entry.ts';
import type { Deployment } from '../../../hosts/deployment.ts';
import { visible } from '../../../visible.ts';
import type { Check } from './checks.ts';
import type { ExportedStep } from './steps.ts';

/** What a script and its text are made of. */
export interface Exported {
  readonly path: string;
  readonly entry: Entry;
  readonly deployment: Deployment;
  readonly steps: readonly ExportedStep[];
  readonly checks: readonly Check[];
  readonly stackfuzz: string;
}

/** The text of an issue, in Markdown; the versions are those of the machine that showed the finding. */
export function issueText({ entry, steps, checks, stackfuzz }: Exported): string {
  const versions = Object.entries(entry.versions).filter(([name]) => name !== 'host');
  return [
    `# ${titleOf(entry)}`,
    '',
    `Expected: ${entry.promise}`,
    '',
    `With ${versions.map(([name, version]) => `${name} ${version}`).join(', ')} on Debian, a rootless user with linger,`,
    `compose stacks as systemd user units (${entry.provider}).`,
    '',
    '## Steps',
    '',
    ...(steps.length === 0 ? ['The first installation alone.'] : []),
    ...steps.map(({ words, ok }, index) => `${index + 1}. ${words}${ok ? '' : ' (it fails)'}`),
    '',
    '## Expected and actual',
    '',
    ...checks.map(({ label, expected, found }) => `- ${label}: expected \`${expected}\`, actual \`${found}\``),
    '',
    ...entry.details.map(detail => `> ${detail}`),
    '',
    `The script beside this text shows it on a plain machine. Found by stackfuzz ${stackfuzz}.`,
    '',
  ]
    .map(visible)
    .join('\n');
}

/** The title of an entry. */
export const titleOf = ({ details, promise }: Entry): string => details[0] ?? promise;
