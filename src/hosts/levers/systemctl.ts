import type { Verb } from '../../../models/host.ts';
import type { Operator } from '../paths.ts';
import { quoted } from '../quote.ts';
import { type Lever, patient } from './lever.ts';

/** `systemctl --user VERB [UNIT]`, as the operator types it. */
export const userSystemctl = (verb: Verb, unit?: string): Lever => {
  const words = ['systemctl', '--user', verb, ...(unit === undefined ? [] : [unit])];
  const script = words.map(quoted).join(' ');
  return { title: words.join(' '), as: 'operator', timeoutMs: patient, kind: 'claim', script };
};

/** Stop or start the operator's user manager. */
export const managing = (action: 'stop' | 'start', { uid }: Operator): Lever => {
  const line = `systemctl ${action} user@${uid}.service`;
  return { title: line, as: 'root', timeoutMs: patient, kind: 'claim', script: line };
};
