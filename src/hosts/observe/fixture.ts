import { readFileSync } from 'node:fs';
import { labOperator } from '../paths.ts';
import { type Look, understood } from './look.ts';

/** What a real machine printed, recorded: the text of a fixture. */
export const recorded = (name: string): string =>
  readFileSync(new URL(`./fixtures/${name}.txt`, import.meta.url), 'utf8');

/** A recorded look, understood. */
export const lookAt = (name: string): Look => understood(recorded(name), labOperator);
