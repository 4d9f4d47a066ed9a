import type { Hooks } from '../session/session.ts';

/** The same hooks, none of which can end a session: what one throws is told, once, and the session goes on. */
export function guarded<W, S>(hooks: Hooks<W, S>): Hooks<W, S> {
  const known = new Set<string>();
  const tell = (trouble: string): void => {
    if (known.has(trouble)) return;
    known.add(trouble);
    try {
      hooks.onTrouble?.(trouble);
    } catch {
      // Nobody is left to tell.
    }
  };
  const each = Object.entries(hooks).map(([name, hook]) => [
    name,
    (...args: unknown[]): void => {
      try {
        (hook as (...all: unknown[]) => void)(...args);
      } catch (error) {
        tell(error instanceof Error ? error.message : String(error));
      }
    },
  ]);
  return Object.fromEntries(each) as Hooks<W, S>;
}
