import { starting, userVerb } from '../../families/verbs.ts';

/** Restart a stack's unit: the definition in the manager's memory runs, whatever the disk says. */
export default userVerb({ verb: 'restart', kind: 'command', weight: 2, says: 'restart', ...starting });
