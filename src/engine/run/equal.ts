/**
 * Whether two values are the same JSON; an undefined key is an absent one. Written for speed: it is asked after every
 * operation.
 */
export function equal(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one)) return Array.isArray(other) && equalLists(one, other);
  if (Array.isArray(other)) return false;
  return equalObjects(one as Record<string, unknown>, other as Record<string, unknown>);
}

function equalLists(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) if (!equal(one[index], other[index])) return false;
  return true;
}

function equalObjects(one: Record<string, unknown>, other: Record<string, unknown>): boolean {
  let balance = 0;
  for (const key in one) {
    const value = one[key];
    if (value === undefined) continue;
    balance++;
    if (!equal(value, other[key])) return false;
  }
  for (const key in other) if (other[key] !== undefined) balance--;
  return balance === 0;
}
