import type { ContainerSeen, Observation, OnDisk, UnitSeen } from '../models/observation.ts';

/** For the examples of invariants: an observation with one unit changed. */
export const withUnit = (seen: Observation, name: string, lie: Partial<UnitSeen>): Observation => {
  const unit = seen.units[name];
  return unit === undefined ? seen : { ...seen, units: { ...seen.units, [name]: { ...unit, ...lie } } };
};

/** An observation with one container changed. */
export const withContainer = (seen: Observation, name: string, lie: Partial<ContainerSeen>): Observation => {
  const container = seen.containers[name];
  return container === undefined
    ? seen
    : { ...seen, containers: { ...seen.containers, [name]: { ...container, ...lie } } };
};

/** An observation with something at a path where nothing should be. */
export const withFile = (seen: Observation, path: string, file: OnDisk): Observation => ({
  ...seen,
  files: { ...seen.files, [path]: file },
});
