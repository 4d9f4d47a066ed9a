import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Provider } from '../../models/machine/traits.ts';

const step = z.strictObject({
  operation: z.string(),
  args: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
});
const edit = z.strictObject({ file: z.string(), from: z.string().min(1), to: z.string() });

const shape = z.strictObject({
  /** What is broken, in one sentence. */
  about: z.string().regex(/\.$/),
  /** Why it is no lie: what else prevents its effect. Absent for a lie. */
  harmless: z.string().optional(),
  /** Set if it shows with one of the providers only. */
  provider: z.enum(['docker-compose', 'podman-compose']).optional(),
  /** Promises that may name the finding. */
  named: z.array(z.string()).default([]),
  /** A shortest sequence that shows it; empty if the first rebuild shows it. */
  steps: z.array(step).default([]),
  /** The same fault in the scripts of the profile and in their imitation. */
  edits: z.array(edit),
});

/** A fault that is planted into the profile `hardened` and into its imitation, to see whether it is found. */
export interface PlantedFault extends Readonly<z.infer<typeof shape>> {
  readonly name: string;
}

const folder = fileURLToPath(new URL('faults/', import.meta.url));

/** All of them, sorted by name. @throws Error for a file in the wrong form */
export const planted: readonly PlantedFault[] = readdirSync(folder)
  .filter(file => file.endsWith('.yaml'))
  .sort()
  .map(file => ({ name: file.replace(/\.yaml$/, ''), ...shape.parse(parse(readFileSync(folder + file, 'utf8'))) }));

/** The provider with which a fault is searched for. */
export const providerOf = ({ provider }: PlantedFault): Provider => provider ?? 'docker-compose';
