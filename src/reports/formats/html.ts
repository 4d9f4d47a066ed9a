import { beginningWords } from '../explain.ts';
import {
  byPromise,
  circumstancesOf,
  headlineOf,
  signatureWords,
  standingOf,
  standingWords,
  stepSentences,
} from '../facts.ts';
import { Markup, markup } from '../markup.ts';
import type { Report, ReportedFinding } from '../report.ts';
import { sides, timeline } from './html/story.ts';
import { style } from './html/style.ts';
import { casesSection, coverageSection, nightsSection } from './html/tables.ts';

/** A report as one HTML page, which loads nothing and runs nothing. */
export function html(report: Report): string {
  const sections = [
    findingsSection(report),
    casesSection(report),
    troubleSection(report),
    coverageSection(report),
    nightsSection(report),
  ];
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="generator" content="stackfuzz ${report.stackfuzz}">
<link rel="icon" href="data:,">
<title>stackfuzz ${report.command}: ${report.verdict}, ${headlineOf(report)}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<a class="skip" href="#main">To the findings</a>
<header class="${report.verdict}"><div>
<p class="over">stackfuzz ${report.command} <span class="badge">${report.verdict}</span></p>
<h1>${headlineOf(report)}</h1>
<dl class="facts">${circumstancesOf(report).map(([what, value]) => markup`<div><dt>${what}</dt><dd>${value}</dd></div>`)}</dl>
<nav aria-label="On this page"><ul>${links(report).map(([id, title]) => markup`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
</div></header>
<main id="main">
${sections}
</main>
<footer>
${report.goOn !== undefined && markup`<p>To go on:</p><pre>${report.goOn}</pre>`}
<p>Written by stackfuzz ${report.stackfuzz}. The page loads nothing: it can be kept, sent and printed as it is.</p>
</footer>
</body>
</html>
`.text;
}

const links = (report: Report): readonly (readonly [id: string, title: string])[] => [
  ['findings', `Findings (${report.findings.length})`],
  ...(report.entries !== undefined || report.cases !== undefined ? [['cases', 'What was replayed'] as const] : []),
  ...(troublesOf(report).length > 0 ? [['trouble', 'To be noted'] as const] : []),
  ...(Object.keys(report.coverage ?? {}).length > 0 ? [['coverage', 'Operations'] as const] : []),
  ...((report.nights ?? []).length > 0 ? [['nights', 'Nights'] as const] : []),
];

function findingsSection({ findings, host, promises = {} }: Report): Markup {
  const groups = byPromise(findings);
  const places = new Map(groups.flatMap(group => group.findings).map((finding, index) => [finding, index + 1]));
  const kept = Object.keys(promises).length - groups.length;
  return markup`<section id="findings" aria-labelledby="findings-title">
<h2 id="findings-title">Findings</h2>
${findings.length === 0 ? markup`<p>None${kept > 0 && `: ${kept} promises were asked after each operation`}.</p>` : index(groups, places)}
${groups.map(
  group => markup`<h3>${group.promise}</h3>
<p class="over">promise <code>${group.invariant}</code></p>
${group.findings.map(finding => article(finding, places.get(finding) ?? 0, host))}`,
)}
</section>`;
}

const index = (groups: ReturnType<typeof byPromise>, places: ReadonlyMap<ReportedFinding, number>): Markup =>
  groups.length < 2 && groups.every(group => group.findings.length < 2)
    ? markup``
    : markup`<div class="wide" tabindex="0" role="region" aria-label="All findings"><table>
<thead><tr><th scope="col">promise</th><th scope="col">what was seen</th><th scope="col">standing</th></tr></thead>
<tbody>${groups
        .flatMap(group => group.findings)
        .map(
          finding => markup`<tr><th scope="row"><code>${finding.invariant}</code></th><td><a href="#finding-${places.get(finding)}">${finding.details[0] ?? finding.promise}</a></td><td>${badge(finding)}</td></tr>
`,
        )}</tbody></table></div>`;

const badge = (finding: ReportedFinding): Markup =>
  markup`<span class="badge ${standingOf(finding)}">${standingWords(finding)}</span>`;

function article(finding: ReportedFinding, place: number, host: string): Markup {
  const { story, details, entry, also = [], waiver, explanation, signature } = finding;
  const title = details[0] ?? signatureWords(finding);
  const isKept = entry?.endsWith('.json') === true;
  return markup`<article id="finding-${place}" aria-labelledby="finding-${place}-title">
<h3 id="finding-${place}-title">${badge(finding)} <span>${title}</span></h3>
${waiver !== undefined && markup`<p class="waiver">${waiver}</p>`}
<h4>What was done, ${beginningWords(host)}</h4>
${story === undefined ? plainSteps(finding) : timeline(finding, story)}
${story !== undefined && machines(finding)}
${also.length > 0 && markup`<h4>The same elsewhere</h4><ul>${also.map(where => markup`<li>${where}</li>`)}</ul>`}
${explanation !== undefined && markup`<details><summary>The whole of it in plain words</summary><pre>${explanation.join('\n')}</pre></details>`}
<details><summary>Signature${isKept && ', and how to see it again'}</summary>
<pre>${signature}</pre>
${isKept && markup`<p>Kept in <code>${entry}</code>. To see it again:</p><pre>npx stackfuzz replay ${entry}${host !== 'lab' && ` --host ${host}`}</pre>`}</details>
</article>
`;
}

/** The steps and what was seen, for a run without a recorded observation. */
const plainSteps = (
  finding: ReportedFinding,
): Markup => markup`<ol>${stepSentences(finding).map(step => markup`<li>${step}</li>`)}</ol>
<h4>What was seen then</h4>
<ul>${finding.details.map(detail => markup`<li>${detail}</li>`)}</ul>`;

function machines({ story }: ReportedFinding): Markup | null {
  const table = story && sides(story);
  return table ? markup`<h4>The machine before and after</h4>\n${table}` : null;
}

interface Trouble {
  readonly what: string;
  readonly words: string;
}

const troublesOf = (report: Report): readonly Trouble[] => [
  ...(report.notes ?? []).map(words => ({ what: 'note', words })),
  ...(report.differences ?? []).map(words => ({ what: 'a lab machine shows it otherwise', words })),
  ...(report.stuck ?? []).map(({ signature }) => ({ what: 'no way back', words: signature })),
  ...(report.inconclusive ?? []).map(one => ({
    what: 'nothing can be said',
    words: 'reason' in one ? one.reason : one.signature,
  })),
  ...(report.once ?? []).map(words => ({ what: 'seen once, and not again when asked', words })),
  ...(report.crashes ?? []).map(({ message }) => ({ what: 'stackfuzz itself crashed', words: message })),
  ...(report.problems ?? []).map(words => ({ what: 'a file that cannot be replayed', words })),
];

/** What else somebody should look at. */
function troubleSection(report: Report): Markup | null {
  const troubles = troublesOf(report);
  if (troubles.length === 0) return null;
  return markup`<section id="trouble" aria-labelledby="trouble-title">
<h2 id="trouble-title">To be noted</h2>
${troubles.map(({ what, words }) => markup`<p class="note"><strong>${what}</strong>: ${words}</p>\n`)}</section>`;
}
