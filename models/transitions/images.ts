import { buildsIn, eitherOf, isKnown, mayBeSame } from '../machine/builds.ts';
import { broken, type ServiceDeclaration, type StackDeclaration } from '../machine/declaration.ts';
import { laidOut, laidOutContainer, type World } from '../world.ts';
import { stackIn, withStack } from './systemd.ts';

/**
 * Whether something stands in for the image's own program, whatever the image is: then also a build runs that would end at once.
 */
export const isStandIn = ({ project }: StackDeclaration, service: string): boolean =>
  project?.services[service] !== undefined;

/** The build that a start makes a container of; one that is pulled each time is the registry's, as long as it has one. */
export const imageFor = (world: World, { tag, pull }: ServiceDeclaration): string | undefined =>
  pull === undefined ? imageOf(world, tag) : (inRegistry(world, tag) ?? imageOf(world, tag));

export const inRegistry = (world: World, tag: string): string | undefined =>
  world.registryUp ? world.registry[tag] : undefined;

/**
 * The build behind a tag: on the machine, or otherwise in the registry, from which it is pulled (facts-debian13, section 2). If a
 * failed start may have pulled it, and it is another build in the registry by now, it may be either.
 */
function imageOf(world: World, tag: string): string | undefined {
  const [here, there, perhaps] = [
    onMachine(world, tag),
    world.registryUp ? world.registry[tag] : undefined,
    pulledPerhaps(world, tag),
  ];
  if (here !== undefined || perhaps === undefined || perhaps === there) return here ?? there;
  return there === undefined ? perhaps : eitherOf(perhaps, there);
}

/** The build behind a tag on the machine. One that is there can be used by its digest, whichever tag it was pulled by. */
const onMachine = ({ images }: World, tag: string): string | undefined =>
  images[tag] ?? byDigest(images, tag, build => build === tag.slice(1));

/** The build behind a tag, if a failed start has pulled it, or a tag that may be either of two builds is this one. */
const pulledPerhaps = ({ perhapsPulled, images }: World, tag: string): string | undefined => {
  const may = (build: string) => mayBeSame(build, tag.slice(1));
  return perhapsPulled[tag] ?? byDigest(perhapsPulled, tag, may) ?? byDigest(images, tag, may);
};

const byDigest = (images: World['images'], tag: string, is: (build: string) => boolean): string | undefined =>
  tag.startsWith('@') && Object.values(images).some(is) ? tag.slice(1) : undefined;

export const isPerhapsThere = (world: World, tag: string): boolean =>
  onMachine(world, tag) === undefined &&
  (!world.registryUp || world.registry[tag] === undefined) &&
  pulledPerhaps(world, tag) !== undefined;

/** The world after something may have pulled all or some of the images of these projects. */
export function perhapsPulling(given: World, projects: readonly StackDeclaration[]): World {
  const world = perhapsMoving(given, projects);
  const tags = projects.flatMap(({ services }) => Object.values(services).map(({ tag }) => tag));
  const fresh = tags.flatMap(tag => {
    const isPulled = world.registryUp && world.registry[tag] !== undefined && onMachine(world, tag) === undefined;
    return isPulled ? [[tag, imageOf(world, tag) ?? ''] as const] : [];
  });
  if (fresh.length === 0) return world;
  return { ...world, perhapsPulled: { ...world.perhapsPulled, ...Object.fromEntries(fresh) } };
}

/** The same for tags that are pulled although they are on the machine: they may be either build then. */
function perhapsMoving(world: World, projects: readonly StackDeclaration[]): World {
  const pulled = projects.flatMap(({ services }) => Object.values(services).filter(({ pull }) => pull !== undefined));
  const moved = pulled.flatMap(({ tag }) => {
    const [is, would] = [world.images[tag], inRegistry(world, tag)];
    return is === undefined || would === undefined || is === would ? [] : [[tag, eitherOf(is, would)] as const];
  });
  return moved.length === 0 ? world : { ...world, images: { ...world.images, ...Object.fromEntries(moved) } };
}

/** The builds behind tags, with another one behind this, or none; the same object where it is so already. */
export function withTag(images: World['images'], tag: string, build: string | undefined): World['images'] {
  if (images[tag] === build) return images;
  const { [tag]: _, ...others } = images;
  return build === undefined ? others : { ...images, [tag]: build };
}

/**
 * Whether an image that runs is on the machine by this name; null where that is not known. One that is asked for by its digest, and is
 * there by a tag, gets no name of its own: if the tag goes to another image, it cannot be found any more (facts.md F165).
 */
export function isNamed({ images, perhapsPulled }: World, tag: string): boolean | null {
  if (!tag.startsWith('@') || images[tag] !== undefined) return true;
  if (byDigest(images, tag, build => build === tag.slice(1)) !== undefined) return false;
  const { [tag]: _, ...others } = perhapsPulled;
  const may = (build: string) => mayBeSame(build, tag.slice(1));
  return (byDigest(others, tag, may) ?? byDigest(images, tag, may)) === undefined ? true : null;
}

/**
 * The world after a start has pulled what is pulled each time, before it makes any container: others of the same tag are made of
 * that too (seen with docker compose 2.26).
 */
export function pulledAtStart(world: World, { services }: StackDeclaration): World {
  const fresh = Object.values(services).flatMap(({ tag, pull }) => {
    const build = pull === undefined ? undefined : inRegistry(world, tag);
    return build === undefined ? [] : [[tag, build] as const];
  });
  return fresh.length === 0 ? world : laidOut(world, { images: { ...world.images, ...Object.fromEntries(fresh) } });
}

/** What a build is that runs, of which nobody knew whether it can. */
export const thatRuns = (image: string | undefined): string | undefined =>
  image === undefined || isKnown(image) ? image : eitherOf(...buildsIn(image).filter(build => build !== broken));

/** The world, of which another one differs in nothing but builds: where it does, it is not known which of them is right. */
export function withBuildsOf(world: World, other: World): World {
  const images: Record<string, string> = { ...world.images };
  for (const [tag, build] of Object.entries(other.images)) images[tag] = eitherOf(images[tag] ?? build, build);
  return Object.keys(world.stacks).reduce(
    (merged, stack) => {
      const containers = { ...stackIn(world, stack).containers };
      for (const [name, container] of Object.entries(containers)) {
        const image = eitherOf(container.image, other.stacks[stack]?.containers[name]?.image ?? container.image);
        containers[name] = laidOutContainer({ ...container, image });
      }
      return withStack(merged, stack, { containers });
    },
    laidOut(world, { images }),
  );
}
