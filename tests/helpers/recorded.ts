import { readFileSync } from 'node:fs';
import { labOperator } from '../../src/hosts/paths.ts';
import { type Look, understood } from '../../src/hosts/real/observe/look.ts';

/** The output of a real machine: the text of a fixture. */
export const recorded = (name: string): string =>
  readFileSync(new URL(`../fixtures/observe/${name}.txt`, import.meta.url), 'utf8');

/** A recorded look, parsed. */
export const lookAt = (name: string): Look => understood(recorded(name), labOperator);
