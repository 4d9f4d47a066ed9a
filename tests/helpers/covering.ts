/**
 * A few of the items that together have everything that any of them has: the one with most new things first, and of equals the
 * earlier one.
 */
export function covering<T>(items: readonly T[], of: (item: T) => readonly string[]): readonly T[] {
  const missing = new Set(items.flatMap(of));
  const chosen: T[] = [];
  const news = (item: T): number => new Set(of(item).filter(one => missing.has(one))).size;
  while (missing.size > 0) {
    const best = items.reduce((one, other) => (news(other) > news(one) ? other : one));
    for (const one of of(best)) missing.delete(one);
    chosen.push(best);
  }
  return chosen;
}
