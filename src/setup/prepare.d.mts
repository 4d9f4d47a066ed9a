export class SetupFailed extends Error {}
export function installNodeModules(root: string): void;
export function buildIfNeeded(root: string): void;
export function build(root: string): void;
export function swapIn(fresh: string, place: string): void;
export function installLabPackages(instead: string | null, isTest?: boolean): void;
export function modulesDiffer(root: string): string | null;
