import { coverageOf } from '../../facts.ts';
import { type Markup, markup } from '../../markup.ts';
import type { Night, Report } from '../../report.ts';

/** Operations by how often they succeeded and failed, then those that were never tried. */
export function coverageSection(report: Report): Markup | null {
  const all = coverageOf(report);
  const never = report.neverTried ?? all.filter(each => each.succeeded + each.failed === 0).map(each => each.operation);
  const done = all.filter(each => each.succeeded + each.failed > 0);
  if (all.length === 0) return null;
  const most = Math.max(...done.map(each => each.succeeded + each.failed), 1);
  return markup`<section id="coverage" aria-labelledby="coverage-title">
<h2 id="coverage-title">Operations</h2>
<p>${done.length} of ${all.length} were done here. A failure that had a reason is honest; one without is a finding.</p>
${
  never.length > 0 &&
  markup`<h3>Never tried: a pass says nothing about them</h3>
<ul class="chips">${never.map(name => markup`<li><code>${name}</code></li>`)}</ul>`
}
${
  done.length > 0 &&
  markup`<details${done.length <= 40 && markup` open`}><summary>How often each succeeded and failed</summary>
<div class="wide" tabindex="0" role="region" aria-label="How often each operation succeeded and failed"><table>
<thead><tr><th scope="col">operation</th><th scope="col" class="number">succeeded</th><th scope="col" class="number">failed</th><th scope="col"><span class="took">share</span></th></tr></thead>
<tbody>${done.map(
    ({
      operation,
      succeeded,
      failed,
    }) => markup`<tr><th scope="row"><code>${operation}</code></th><td class="number">${succeeded}</td><td class="number">${failed}</td><td><span class="meter" aria-hidden="true"><span class="yes" style="width:${((100 * succeeded) / most).toFixed(1)}%"></span><span class="no" style="width:${((100 * failed) / most).toFixed(1)}%"></span></span></td></tr>
`,
  )}</tbody></table></div></details>`
}
</section>`;
}

/** Verdicts, short enough for the head of a column. */
const verdictSigns: Readonly<Record<Night['verdict'], string>> = { held: '✓', violated: '✕', inconclusive: '?' };

/** Most nights that are shown side by side; the oldest are left out. */
const mostNights = 21;

/** The nights of a host, with one line for each finding: what is new, still there, and gone. */
export function nightsSection({ nights = [], findings }: Report): Markup | null {
  if (nights.length === 0) return null;
  const sorted = [...nights].sort((one, other) => (one.date < other.date ? -1 : 1)).slice(-mostNights);
  const signatures = [...new Set(sorted.flatMap(({ findings }) => Object.keys(findings)))];
  const left = nights.length - sorted.length;
  return markup`<section id="nights" aria-labelledby="nights-title">
<h2 id="nights-title">Nights</h2>
${left > 0 && markup`<p>The last ${sorted.length} of ${nights.length}.</p>`}
<div class="wide" tabindex="0" role="region" aria-label="Findings by night"><table class="nights">
<thead><tr><th scope="col">finding</th>${sorted.map(({ date }) => markup`<th scope="col" class="number"><time datetime="${date}">${date.slice(5, 10)}</time></th>`)}</tr></thead>
<tbody>
<tr><th scope="row">verdict</th>${sorted.map(({ verdict }) => markup`<td class="number"><span role="img" aria-label="${verdict}" title="${verdict}">${verdictSigns[verdict]}</span></td>`)}</tr>
<tr><th scope="row">operations</th>${sorted.map(({ operations }) => markup`<td class="number">${operations}</td>`)}</tr>
${signatures.map(signature => nightRow(signature, sorted, knownIn(findings, signature)))}</tbody></table></div>
</section>`;
}

const knownIn = (findings: Report['findings'], signature: string): boolean =>
  findings.some(each => each.signature === signature && each.known === true);

/** What the badge of a finding looks like, by how it stands after the last night. */
const badges = {
  new: 'new',
  back: 'new',
  known: 'known',
  'still there': 'known',
  'not asked for': 'known',
  gone: 'passed',
} as const;

const isWhole = ({ whole = true }: Night): boolean => whole;

function nightRow(signature: string, nights: readonly Night[], isKnown: boolean): Markup {
  const [last, before] = [nights.at(-1), nights.at(-2)].map(night => (night?.findings[signature] ?? 0) > 0);
  const earlier = nights.slice(0, -1).some(({ findings }) => (findings[signature] ?? 0) > 0);
  // A night that did not get that far says nothing of what it has not shown.
  const isGone = nights.slice(nights.findLastIndex(({ findings }) => (findings[signature] ?? 0) > 0) + 1).some(isWhole);
  const shown = earlier ? (before ? 'still there' : 'back') : isKnown ? 'known' : 'new';
  const state = last ? shown : isGone ? 'gone' : 'not asked for';
  return markup`<tr><th scope="row"><code>${signature}</code> <span class="badge ${badges[state]}">${state}</span></th>${nights.map(
    ({ findings }) => {
      const times = findings[signature] ?? 0;
      return markup`<td class="number">${times > 0 ? markup`<span class="met">${times}</span>` : markup`<span class="not">·</span>`}</td>`;
    },
  )}</tr>
`;
}

/** Entries of a corpus that were replayed, and cases of scenarios. */
export function casesSection({ entries = [], cases = [] }: Report): Markup | null {
  if (entries.length + cases.length === 0) return null;
  const rows = [
    ...entries.map(({ path, words, status, waiver, outcome, expect }) => ({
      name: path,
      group: `expected: ${expect}`,
      ending:
        waiver !== undefined
          ? 'waived'
          : outcome === 'not applicable'
            ? 'known'
            : status === 0
              ? 'passed'
              : status === 1
                ? 'failed'
                : 'blocked',
      words,
    })),
    ...cases.map(({ scenario, name, ending, reasons }) => ({
      name,
      group: scenario,
      ending,
      words: reasons.join(' '),
    })),
  ];
  const words: Readonly<Record<string, string>> = {
    passed: 'as expected',
    failed: 'failed',
    blocked: 'nothing can be said',
    waived: 'waived',
    known: 'left out',
  };
  return markup`<section id="cases" aria-labelledby="cases-title">
<h2 id="cases-title">${entries.length > 0 ? 'Entries of the corpus' : 'Cases'}</h2>
<div class="wide" tabindex="0" role="region" aria-label="What was replayed"><table>
<thead><tr><th scope="col">what</th><th scope="col">ended</th><th scope="col">because</th></tr></thead>
<tbody>${rows.map(
    row => markup`<tr><th scope="row">${row.group}<br><code>${row.name}</code></th><td><span class="badge ${row.ending}">${cases.length > 0 ? row.ending : words[row.ending]}</span></td><td>${row.words}</td></tr>
`,
  )}</tbody></table></div>
</section>`;
}
