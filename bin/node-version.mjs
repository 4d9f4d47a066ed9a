import { readFileSync } from 'node:fs';

/** Ends with 3 if this Node is older than package.json asks for: later it would fail at the first thing that it lacks. */
export function requireNode() {
  const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const wanted = engines.node.replace('>=', '');
  const [major, minor] = wanted.split('.').map(Number);
  const [thisMajor, thisMinor] = process.versions.node.split('.').map(Number);
  if (thisMajor > major || (thisMajor === major && thisMinor >= minor)) return;
  console.error(
    `stackfuzz: expected Node ${wanted} or newer, found ${process.versions.node} (${process.execPath})\n` +
      '  Install a newer one: https://nodejs.org/en/download',
  );
  process.exit(3);
}
