/** Whether two subnets in CIDR notation have addresses in common. IPv6 subnets count only if they are equal. */
export function overlap(one: string, other: string): boolean {
  const [first, second] = [rangeOf(one), rangeOf(other)];
  if (first === null || second === null) return one === other;
  return first.from <= second.to && second.from <= first.to;
}

/** The addresses of an IPv4 subnet, as numbers; null if it is none. */
export function rangeOf(subnet: string): { readonly from: number; readonly to: number } | null {
  const [, a, b, c, d, bits] = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(subnet) ?? [];
  if (bits === undefined || Number(bits) > 32 || [a, b, c, d].some(part => Number(part) > 255)) return null;
  const address = [a, b, c, d].reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(bits));
  const from = Math.floor(address / size) * size;
  return { from, to: from + size - 1 };
}
