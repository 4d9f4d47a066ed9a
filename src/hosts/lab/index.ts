export { type Availability, labAvailable } from './available.ts';
export { boot } from './boot.ts';
export { type BuildOptions, build } from './build.ts';
export { clean, down, type Listed, list, shell } from './clean.ts';
export type { BootOptions, LabMachine } from './machine.ts';
export { openPool, type Pool } from './pool.ts';
export type { Suite } from './recipe.ts';
export { type Snapshot, snapshot } from './snapshot.ts';
export { tracesOf } from './traces.ts';
