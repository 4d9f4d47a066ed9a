import { Sick } from '../../../../models/host.ts';

/** The parts of the look script's output, by name. @throws Sick if the output is not complete */
export function sections(output: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const part of output.split(/^@@ /m).slice(1)) {
    const end = part.indexOf('\n');
    found.set(end < 0 ? part : part.slice(0, end), end < 0 ? '' : part.slice(end + 1).trimEnd());
  }
  if (found.has('homeless'))
    throw new Sick("podman was not asked: the operator's runtime directory goes away again and again");
  const blind = found.get('blind');
  if (blind !== undefined) throw new Sick(`podman does not say which containers there are; it says: ${blind}`);
  if (found.has('torn')) throw new Sick('asking for files, units or containers fails again and again');
  if (found.has('listing')) return found;
  throw new Sick(`the machine broke off while it was looked at; it said:\n${output.slice(0, 500)}`);
}

/** The lines of a section. */
export const lines = (text: string | undefined): readonly string[] =>
  text === undefined || text === '' ? [] : text.split('\n');
