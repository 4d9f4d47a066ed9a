import { endedWords, valueWords } from '../../facts.ts';
import { type Markup, markup } from '../../markup.ts';
import type { Difference, ReportedFinding, Story, ToldStep } from '../../report.ts';

const signs: Readonly<Record<ToldStep['ended'], readonly [sign: string, words: string]>> = {
  succeeded: ['✓', 'said that it succeeded'],
  failed: ['✕', 'failed'],
  skipped: ['–', 'left out'],
  untold: ['?', 'not known'],
};

/** What was done, step by step, with the first step at which the machine differs from the model. */
export function timeline(finding: Pick<ReportedFinding, 'details'>, story: Story): Markup {
  const { steps, parted } = story;
  const longest = Math.max(...steps.map(({ seconds = 0 }) => seconds), 0);
  const first =
    parted?.after === -1
      ? markup`<li class="untold"><span class="dot">!</span>${partedBox(finding, story)}</li>`
      : null;
  return markup`<ol class="timeline">
${first}${steps.map((step, index) => stepItem(step, longest, index === parted?.after ? partedBox(finding, story) : null))}</ol>`;
}

function stepItem(step: ToldStep, longest: number, parted: Markup | null): Markup {
  const isDrift = step.kind === 'drift' && step.ended === 'succeeded';
  const [sign, words] = isDrift ? ['●', 'done by hand'] : signs[step.ended];
  const said = endedWords(step);
  return markup`<li class="${isDrift ? 'drift' : step.ended}">
<span class="dot" role="img" aria-label="${words}">${sign}</span>
<strong>${step.words}</strong>${took(step.seconds, longest)}
${said !== '' && markup`<br><span class="said">${said}</span>`}
${parted}</li>
`;
}

const took = (seconds: number | undefined, longest: number): Markup | null =>
  seconds === undefined || seconds < 0.05
    ? null
    : markup` <span class="took"><span class="bar" style="width:${(longest === 0 ? 0 : (5 * seconds) / longest).toFixed(2)}rem" aria-hidden="true"></span>${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s</span>`;

/** The first difference between model and machine: what was seen, and field by field. */
function partedBox({ details }: Pick<ReportedFinding, 'details'>, { parted }: Story): Markup {
  const fields = parted?.fields ?? [];
  const before = parted?.after === -1 ? 'Before the first step' : 'Here';
  return markup`<div class="parted">
<h5>${before} model and machine part</h5>
<ul>${details.map(detail => markup`<li>${detail}</li>`)}</ul>
${
  fields.length > 0 &&
  markup`<div class="wide" tabindex="0" role="region" aria-label="Fields that differ"><table>
<thead><tr><th scope="col">field</th><th scope="col">expected</th><th scope="col">actual</th></tr></thead>
<tbody>${fields.map(fieldRow)}</tbody></table></div>`
}</div>`;
}

const fieldRow = ({ at, expected, actual }: Difference): Markup => markup`<tr>
<th scope="row"><code>${at}</code></th>
<td>${expected === undefined ? absent('nothing') : markup`<ins><code>${valueWords(expected)}</code></ins>`}</td>
<td>${actual === undefined ? absent('nothing') : markup`<del><code>${valueWords(actual)}</code></del>`}</td></tr>
`;

const absent = (words: string): Markup => markup`<span class="absent">${words}</span>`;

type Fields = Readonly<Record<string, unknown>>;

/** Fields that identify a thing; the others are shown only if they changed. */
const main = new Set([
  'activeState',
  'subState',
  'fragmentPath',
  'kind',
  'target',
  'revision',
  'state',
  'image',
  'unit',
  'manager',
  'profile',
  'home',
]);

interface Row {
  readonly name: string;
  readonly before: Fields | undefined;
  readonly after: Fields | undefined;
}

/** Owner and containers, before the first step and after the last one, side by side. */
export function sides({ before, after }: Story): Markup | null {
  if (before === undefined || after === undefined) return null;
  const groups: readonly (readonly [title: string, rows: readonly Row[]])[] = [
    [
      'The user manager and what was installed',
      [
        { name: 'user manager', before: { manager: before.manager }, after: { manager: after.manager } },
        { name: 'generation', before: before.generation, after: after.generation },
      ],
    ],
    ['Units', rowsOf(before.units, after.units)],
    ['Files in the search path: who owns them', rowsOf(before.files, after.files)],
    ['Containers', rowsOf(before.containers, after.containers)],
    [
      'What was left over',
      rowsOf(listed([...before.strayTimers, ...before.leftovers]), listed([...after.strayTimers, ...after.leftovers])),
    ],
  ];
  return markup`<div class="wide" tabindex="0" role="region" aria-label="The machine before and after"><table class="sides">
<thead><tr><th scope="col">what</th><th scope="col">before</th><th scope="col">after</th></tr></thead>
${groups.filter(([, rows]) => rows.length > 0).map(([title, rows]) => group(title, rows))}</table></div>`;
}

/** Shows what changed, and how many things did not. */
function group(title: string, rows: readonly Row[]): Markup {
  const changed = rows.filter(isChanged);
  const same = rows.length - changed.length;
  const rest =
    same > 0 && markup` <span class="took">${same === rows.length ? 'unchanged' : `${same} unchanged`}</span>`;
  const shown = changed.length > 0 || same > mostUnchanged ? changed : rows;
  return markup`<tbody>
<tr><th scope="rowgroup" colspan="3">${title}${rest}</th></tr>
${shown.map(sideRow)}</tbody>
`;
}

/** So many unchanged things are shown if nothing in their group changed. */
const mostUnchanged = 3;

const listed = (names: readonly string[]): Readonly<Record<string, Fields>> =>
  Object.fromEntries(names.map(name => [name, { there: 'yes' }]));

const rowsOf = (before: Readonly<Record<string, Fields>>, after: Readonly<Record<string, Fields>>): readonly Row[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .sort()
    .map(name => ({ name, before: before[name], after: after[name] }));

/** Fields that only say that something happened between two looks. */
const passing = new Set(['restarted', 'instance', 'text', 'variables']);

const differs = ({ before, after }: Row, key: string): boolean =>
  JSON.stringify(before?.[key]) !== JSON.stringify(after?.[key]);

const keysOf = ({ before = {}, after = {} }: Row): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(key => !passing.has(key));

const isChanged = (row: Row): boolean =>
  (row.before === undefined) !== (row.after === undefined) || keysOf(row).some(key => differs(row, key));

function sideRow(row: Row): Markup {
  const isOneSided = row.before === undefined || row.after === undefined;
  const keys = keysOf(row).filter(key => main.has(key) || key === 'there' || (!isOneSided && differs(row, key)));
  const cell = (fields: Fields | undefined, label: string): Markup =>
    markup`<td data-label="${label}">${
      fields === undefined
        ? absent('not there')
        : markup`<ul class="fields">${keys
            .filter(key => fields[key] !== undefined)
            .map(key => fieldItem(key, fields[key], differs(row, key)))}</ul>`
    }</td>`;
  return markup`<tr><th scope="row"><code>${row.name}</code></th>${cell(row.before, 'before')}${isChanged(row) ? cell(row.after, 'after') : markup`<td data-label="after">${absent('as before')}</td>`}</tr>
`;
}

function fieldItem(key: string, value: unknown, isDifferent: boolean): Markup {
  const words = valueWords(value as Difference['actual']);
  const shown = isDifferent ? markup`<mark>${words}</mark>` : markup`${words}`;
  return markup`<li><span class="key">${fieldWords(key)}</span> ${shown}</li>`;
}

/** activeState in words: active state. */
const fieldWords = (key: string): string => key.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`);
