/** How the page looks: in light and in dark, narrow and wide, and on paper. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#fbfaf8, #16181c);
  --card: light-dark(#ffffff, #1e2126);
  --line: light-dark(#dcd8d0, #363b43);
  --ink: light-dark(#1f2328, #e6e6e3);
  --soft: light-dark(#57606a, #a4acb6);
  --link: light-dark(#0b57d0, #9ecbff);
  --good: light-dark(#17653a, #7fd49b);
  --bad: light-dark(#a8201a, #ff9d94);
  --warn: light-dark(#7a4f00, #f2c56b);
  --good-bg: light-dark(#e3f3e8, #173424);
  --bad-bg: light-dark(#fbe7e5, #46201d);
  --warn-bg: light-dark(#fbf0d9, #3d3013);
  --mono: ui-monospace, "SF Mono", "Cascadia Code", "DejaVu Sans Mono", Menlo, Consolas, monospace;
}
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
}
h1, h2, h3, h4, h5, p, li, td, dd, summary { overflow-wrap: anywhere; }
main, header > div, footer { max-width: 70rem; margin-inline: auto; padding-inline: clamp(1rem, 4vw, 2.5rem); }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: .5rem; top: .5rem; background: var(--card); padding: .5rem 1rem; z-index: 1; }
header { border-bottom: 1px solid var(--line); background: var(--card); }
header.violated { border-top: .4rem solid var(--bad); }
header.held { border-top: .4rem solid var(--good); }
header.inconclusive { border-top: .4rem solid var(--warn); }
header > div { padding-block: 1.75rem 1.25rem; }
.over { margin: 0; color: var(--soft); font-size: .95rem; }
h1 { font-size: clamp(1.5rem, 4vw, 2.1rem); line-height: 1.2; margin: .25rem 0 1rem; text-wrap: balance; }
h2 { font-size: 1.35rem; margin: 2.75rem 0 .75rem; }
h3 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
h4 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
p { margin: .5rem 0; }
code, pre, .mono { font-family: var(--mono); font-size: .88em; overflow-wrap: anywhere; }
pre { background: var(--paper); border: 1px solid var(--line); border-radius: .4rem; padding: .75rem 1rem; white-space: pre-wrap; margin: .5rem 0; }
.facts { display: flex; flex-wrap: wrap; gap: .4rem 2rem; margin: 0; }
.facts div { min-width: 0; }
.facts dt { color: var(--soft); font-size: .8rem; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: 0; margin: 1.25rem 0 0; }
.badge { display: inline-block; border-radius: 1rem; padding: .05rem .65rem; font-size: .8rem; font-weight: 600; white-space: nowrap; border: 1px solid currentColor; }
.new, .failed, .violated .badge { color: var(--bad); background: var(--bad-bg); }
.race, .waived, .blocked, .inconclusive .badge { color: var(--warn); background: var(--warn-bg); }
.known { color: var(--soft); background: var(--card); }
.passed, .held .badge { color: var(--good); background: var(--good-bg); }
article { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .25rem clamp(.9rem, 3vw, 1.5rem) 1.1rem; margin: 1rem 0; }
article > h3 { display: flex; flex-wrap: wrap; gap: .5rem .75rem; align-items: baseline; margin-top: 1rem; }
.waiver, .note { border-left: .25rem solid var(--warn); padding-left: .75rem; }
.timeline { list-style: none; margin: .75rem 0 0; padding: 0; }
.timeline > li { position: relative; padding: 0 0 1rem 2.1rem; }
.timeline > li::before { content: ""; position: absolute; left: .69rem; top: 1.5rem; bottom: -.25rem; width: 2px; background: var(--line); }
.timeline > li:last-child::before { display: none; }
.dot { position: absolute; left: 0; top: .05rem; width: 1.45rem; height: 1.45rem; border-radius: 50%; border: 2px solid currentColor; background: var(--card); display: grid; place-items: center; font-size: .78rem; font-weight: 700; line-height: 1; }
.succeeded > .dot { color: var(--good); }
.failed > .dot { color: var(--bad); background: var(--card); }
.drift > .dot, .skipped > .dot, .untold > .dot { color: var(--soft); }
li.failed { color: inherit; background: none; }
.took { color: var(--soft); font-size: .85rem; white-space: nowrap; font-variant-numeric: tabular-nums; }
.bar { display: inline-block; height: .45rem; border-radius: .25rem; background: var(--soft); opacity: .55; vertical-align: middle; margin-right: .35rem; min-width: 2px; }
.said { color: var(--soft); }
.parted { border: 2px solid var(--bad); border-radius: .5rem; margin: .75rem 0 .25rem; padding: .6rem .9rem .8rem; background: var(--paper); }
.parted h5 { margin: 0 0 .35rem; font-size: .95rem; color: var(--bad); }
.parted ul { margin: .25rem 0; padding-left: 1.2rem; }
.wide { overflow-x: auto; margin: .5rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; }
caption { text-align: left; color: var(--soft); font-size: .85rem; padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .7rem .4rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; font-size: .85rem; white-space: nowrap; }
tbody th { font-weight: 500; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
ins, del, mark { text-decoration: none; border-radius: .2rem; padding: 0 .2rem; color: inherit; }
ins { background: var(--good-bg); }
del { background: var(--bad-bg); }
mark { background: var(--warn-bg); }
tbody th[scope=rowgroup] { font-weight: 650; padding-top: .9rem; }
.absent { color: var(--soft); font-style: italic; white-space: nowrap; }
.fields { margin: 0; padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: 0 .9rem; }
.fields li { overflow-wrap: anywhere; }
.fields .key { color: var(--soft); }
details { margin: .6rem 0; }
summary { cursor: pointer; color: var(--link); width: fit-content; }
.meter { display: inline-flex; width: 9rem; height: .7rem; border-radius: .35rem; overflow: hidden; background: var(--line); vertical-align: middle; }
.meter span { display: block; }
.meter .yes { background: var(--good); }
.meter .no { background: var(--warn); }
.chips { display: flex; flex-wrap: wrap; gap: .35rem; padding: 0; list-style: none; }
.chips li { border: 1px solid var(--line); border-radius: .4rem; padding: 0 .5rem; background: var(--card); }
.nights td, .nights th { padding-right: .4rem; }
.nights .met { display: inline-grid; place-items: center; min-width: 1.5rem; height: 1.5rem; border-radius: .3rem; background: var(--bad-bg); color: var(--bad); font-size: .8rem; font-weight: 600; padding: 0 .3rem; }
.nights .not { color: var(--soft); }
footer { color: var(--soft); font-size: .88rem; padding-block: 2.5rem; }
@media (max-width: 40rem) {
  table { font-size: .88rem; }
  .sides thead { position: absolute; left: -100vw; }
  .sides tr, .sides td, .sides th { display: block; }
  .sides th, .sides td { border: 0; padding: .15rem 0; }
  .sides tr { border-bottom: 1px solid var(--line); padding: .5rem 0; }
  .sides td::before { content: attr(data-label); display: block; color: var(--soft); font-size: .8rem; }
}
@media (min-width: 40.01rem) { .sides { table-layout: fixed; } .sides th:first-child { width: 28%; } }
@media print {
  :root { color-scheme: light; }
  body { font-size: 10pt; }
  nav, .skip { display: none; }
  article, .parted { break-inside: avoid-page; }
  article { border-color: #999; }
  h2, h3, h4 { break-after: avoid; }
  .wide { overflow: visible; }
  details::details-content { content-visibility: visible; block-size: auto; }
  summary { color: inherit; }
}
`;
