import type { OwnHost } from '../../../hosts/own/own-host.ts';

/** Minutes since midnight of `HH:MM`, in the time of this computer. */
const minutes = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

const minutesOf = (now: Date): number => now.getHours() * 60 + now.getMinutes();

/** When the quiet hours end, where it is one of them now; null where it is none. They may lie around midnight. */
export function quietUntil({ from, to }: NonNullable<OwnHost['quietHours']>, now: Date): string | null {
  const [begin, end, at] = [minutes(from), minutes(to), minutesOf(now)];
  const isQuiet = begin < end ? at >= begin && at < end : at >= begin || at < end;
  return isQuiet ? to : null;
}

/** Seconds until it is so late again. */
export function secondsUntil(clock: string, now: Date): number {
  const left = minutes(clock) * 60 - (minutesOf(now) * 60 + now.getSeconds());
  return left > 0 ? left : left + 24 * 3600;
}
