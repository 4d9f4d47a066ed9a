/** Ways to tell somebody. */
export const ways = ['command', 'ntfy', 'gotify', 'webhook'] as const;
export type Way = (typeof ways)[number];

/** Where a secret is kept: it stands in no hosts file and on no command line. */
export type KeptIn =
  | { readonly file: string; readonly env?: undefined }
  | { readonly env: string; readonly file?: undefined };

/** Somebody who is told of nights, as the hosts file says it. */
export interface Notified {
  readonly way: Way;
  /** A line of shell, an address, or the file that has the address. */
  readonly to: string | { readonly file: string };
  readonly token: KeptIn | null;
  /** `file:line` */
  readonly where: string;
}
