import { isActive, starting, userVerb } from '../verbs.ts';

const nothing: readonly string[] = [];

/** Start a stack's unit. Where it is active already nothing runs (facts.md F17). */
export default userVerb({
  verb: 'start',
  kind: 'command',
  says: 'start',
  grounds: (world, stack) => (isActive(world, stack) ? nothing : starting.grounds(world, stack)),
  obstacles: (world, stack) => (isActive(world, stack) ? nothing : starting.obstacles(world, stack)),
  expected: (world, stack, ok) => (isActive(world, stack) ? world : starting.expected(world, stack, ok)),
});
