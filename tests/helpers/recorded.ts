import { readFileSync } from 'node:fs';
import { labOperator } from '../../src/hosts/paths.ts';
import { type Look, understood } from '../../src/hosts/real/observe/look.ts';

/** What a real machine printed, recorded: the text of a fixture. */
export const recorded = (name: string): string =>
  readFileSync(new URL(`../fixtures/observe/${name}.txt`, import.meta.url), 'utf8');

/** A recorded look, understood. */
export const lookAt = (name: string): Look => understood(recorded(name), labOperator);
