// A build of the image is known by its name: `v1`. One that is not known for certain has the names of all that it may be,
// with a bar between them, which no name of an image has: `v1|v2`.

/** What is built on the machine itself, of which no registry knows. */
export const builtByHand = 'by-hand';

/** The build that is one of these: which, nobody can know. */
export function eitherOf(...builds: readonly string[]): string {
  const all = new Set(builds.flatMap(buildsIn));
  return [...all].sort().join('|');
}

/** All that a build may be. */
export const buildsIn = (build: string): readonly string[] => build.split('|');

/** Whether two builds may be the same. */
export const mayBeSame = (one: string, other: string): boolean =>
  one === other || (!(isKnown(one) && isKnown(other)) && buildsIn(one).some(build => buildsIn(other).includes(build)));

/** Whether it is known which build it is. */
export const isKnown = (build: string): boolean => !build.includes('|');
