import { userVerb } from '../../families/verbs.ts';

/** Make a stack's unit read its configuration again: a oneshot without ExecReload= cannot, so nothing happens. */
export default userVerb({
  verb: 'reload',
  kind: 'command',
  says: 'reload',
  mustFail: () => ['the unit has nothing that would reload it'],
  expected: world => world,
});
