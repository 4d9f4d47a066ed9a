import { InvalidArgumentError } from 'commander';

const seconds = { s: 1, m: 60, h: 3600 } as const;

/** A duration as people write it: 90s, 10m, 1h, 1h30m; a bare number is seconds. Hands back seconds. */
export function duration(text: string): number {
  if (/^\d+$/.test(text) && Number(text) > 0) return Number(text);
  const parts = [...text.matchAll(/(\d+)([smh])/g)];
  const total = parts.reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * seconds[unit as keyof typeof seconds],
    0,
  );
  if (total > 0 && parts.map(([part]) => part).join('') === text) return total;
  throw new InvalidArgumentError('Expected a duration such as 90s, 10m or 1h30m.');
}

/** A duration for people: 90 becomes 1m30s. */
export function shownDuration(total: number): string {
  const [h, m, s] = [Math.floor(total / 3600), Math.floor((total % 3600) / 60), Math.floor(total % 60)];
  return [h > 0 ? `${h}h` : '', m > 0 ? `${m}m` : '', s > 0 || total < 1 ? `${s}s` : ''].join('');
}

/** A whole number from 1 on. */
export function positive(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError('Expected a whole number from 1 on.');
}

/** A seed: a whole number that fits in 32 bits. */
export function seed(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= 0x7fffffff) return number;
  throw new InvalidArgumentError('Expected a whole number from 0 to 2147483647.');
}
