import { starting, userVerb } from '../../families/verbs.ts';

/** Restart a stack's unit: with the definition in the manager's memory, whatever is on disk. */
export default userVerb({ verb: 'restart', kind: 'command', weight: 2, says: 'restart', ...starting });
