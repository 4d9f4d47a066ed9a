import type { Hooks } from '../session/session.ts';

/** The same hooks, made so that none can end a session: what one throws is reported once, and the session goes on. */
export function guarded<W, S>(hooks: Hooks<W, S>): Hooks<W, S> {
  const known = new Set<string>();
  const tell = (trouble: string): void => {
    if (known.has(trouble)) return;
    known.add(trouble);
    try {
      hooks.onTrouble?.(trouble);
    } catch {
      // The hook that reports trouble threw: there is nobody left to report to.
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
