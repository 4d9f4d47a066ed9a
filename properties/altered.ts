import type { ContainerSeen, Observation, OnDisk, UnitSeen } from '../models/observation.ts';

/** For the examples of invariants: an observation in which one unit is otherwise than it should be. */
export const withUnit = (seen: Observation, name: string, lie: Partial<UnitSeen>): Observation => {
  const unit = seen.units[name];
  return unit === undefined ? seen : { ...seen, units: { ...seen.units, [name]: { ...unit, ...lie } } };
};

/** One in which a container is otherwise than it should be. */
export const withContainer = (seen: Observation, name: string, lie: Partial<ContainerSeen>): Observation => {
  const container = seen.containers[name];
  return container === undefined
    ? seen
    : { ...seen, containers: { ...seen.containers, [name]: { ...container, ...lie } } };
};

/** One in which something stands at a path that should not. */
export const withFile = (seen: Observation, path: string, file: OnDisk): Observation => ({
  ...seen,
  files: { ...seen.files, [path]: file },
});
