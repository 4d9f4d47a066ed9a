/** The lingering user whose stacks are under test. */
export interface Operator {
  readonly name: string;
  readonly uid: number;
  readonly home: string;
}

/** The operator of every lab machine. */
export const labOperator: Operator = { name: 'homelab', uid: 1500, home: '/home/homelab' };

/** Who runs what the system's manager runs. */
export const root: Operator = { name: 'root', uid: 0, home: '/root' };

/** The operator's runtime directory, `%t`. */
export const runtimeOf = ({ uid }: Operator): string => `/run/user/${uid}`;

/** Where a normalised path (`~/…`, `%t/…`) stands on the machine. */
export function placeOf(path: string, operator: Operator): string {
  if (path === '~' || path.startsWith('~/')) return operator.home + path.slice(1);
  if (path === '%t' || path.startsWith('%t/')) return runtimeOf(operator) + path.slice(2);
  return path;
}

/**
 * A machine's path as every equal machine would show it: `~`, `%t`, and no hashes of the Nix store. On Debian
 * /etc/xdg/systemd/user is a link to /etc/systemd/user: systemd 252 tells a unit by that link, systemd 257 does not.
 */
export function normalPath(path: string, operator: Operator): string {
  const place = path.replace(/^\/etc\/xdg\/systemd\/user(?=\/|$)/, '/etc/systemd/user');
  for (const [prefix, short] of [
    [operator.home, '~'],
    [runtimeOf(operator), '%t'],
  ] as const) {
    if (place === prefix || place.startsWith(`${prefix}/`)) return short + place.slice(prefix.length);
  }
  return place.replace(/^\/nix\/store\/[0-9a-z]{32}-/, '/nix/store/…-');
}
