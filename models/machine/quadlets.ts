/**
 * Where podman's generator of the operator's units looks for quadlet files, strongest first: of several files of one name it takes the
 * first, and the drop-ins of all directories (podman-systemd.unit(5); facts.md F200).
 */
export const quadletPath = [
  '%t/containers/systemd',
  '~/.config/containers/systemd',
  '/etc/containers/systemd/users',
] as const;
export type QuadletDirectory = (typeof quadletPath)[number];

/** Where the owner installs them: Home Manager, in the operator's home. */
export const ownQuadlets: QuadletDirectory = '~/.config/containers/systemd';

/** The quadlet file of a service's container, and that of the network that a stack's containers share. */
export const containerFile = (stack: string, service: string): string => `${stack}-${service}.container`;
export const networkFile = (stack: string): string => `${stack}_default.network`;

/** The path of a quadlet file, and of our drop-in for it. */
export const quadletAt = (directory: QuadletDirectory, file: string): string => `${directory}/${file}`;
export const quadletDropIn = (directory: QuadletDirectory, file: string): string =>
  `${directory}/${file}.d/50-drift.conf`;

/** The directory of the generator's search path that a path is in. */
export const quadletDirectoryOf = (path: string): QuadletDirectory | undefined =>
  quadletPath.find(directory => path.startsWith(`${directory}/`));

/**
 * Where the generator writes the units that it makes. It is emptied at each reload, so nothing that is placed there by hand is ever
 * read while the unit is loaded (man systemd.generator).
 */
const generated = '%t/systemd/generator';
export const generatedUnit = (stack: string, service: string): string => `${generated}/${stack}-${service}.service`;

/** Whether a path is where quadlet files are, or what is made of them. */
export const isOfQuadlets = (path: string): boolean =>
  quadletDirectoryOf(path) !== undefined || path.startsWith(`${generated}/`);
