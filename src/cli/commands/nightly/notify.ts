import { readRegular } from '../../../files.ts';
import { run } from '../../../hosts/transport/shell.ts';
import { Problem } from '../../../problem.ts';
import { redacted } from '../../../redact.ts';
import { visible } from '../../../visible.ts';
import { type KeptIn, type Notified, type Way, ways } from './notified.ts';

/** Somebody who is told of a night. */
export interface Recipient {
  readonly way: Way;
  /** A line of shell, or the address that is posted to. */
  readonly to: string;
  readonly token: string | null;
}

/** What is told. */
export interface Message {
  readonly host: string;
  readonly title: string;
  readonly text: string;
  readonly isUrgent: boolean;
  /** The same for programs. */
  readonly report: unknown;
}

/** Milliseconds until nobody is waited for any more. */
const patience = 20_000;

/**
 * Understands `WAY:TO`, as --notify takes it.
 * @param tokenFrom `env:NAME` or `file:PATH`; a token never stands in a command line, which others can see
 * @throws Problem where it means nobody
 */
export async function recipientOf(text: string, tokenFrom: string | undefined): Promise<Recipient> {
  const at = text.indexOf(':');
  const way = ways.find(each => each === text.slice(0, at));
  const to = text.slice(at + 1).trim();
  const refused = (expected: string, found: string): Problem =>
    new Problem({ expected, found, where: '--notify', next: 'docs/nightly.md has an example of each.' });
  if (way === undefined || to === '')
    throw refused('command:LINE, ntfy:URL, gotify:URL or webhook:URL', text.replace(/:.*/s, ':…'));
  if (way === 'command') return { way, to, token: null };
  if (!isAddress(to)) throw refused('an address that begins with https:// or http://', `${way}:…`);
  return { way, to, token: tokenFrom === undefined ? null : await tokenIn(tokenFrom) };
}

/** Who a hosts file says is told: what stands in files is read now. @throws Problem where it means nobody */
export async function recipientIn({ way, to, token, where }: Notified): Promise<Recipient> {
  const next = 'docs/nightly.md has an example of each.';
  const address = typeof to === 'string' ? to : await secretIn({ file: to.file }, { where, next });
  if (way !== 'command' && !isAddress(address))
    throw new Problem({
      expected: 'an address that begins with https:// or http://',
      found: typeof to === 'string' ? 'something else' : `something else in ${to.file}`,
      where,
      next,
    });
  return { way, to: address, token: token === null ? null : await secretIn(token, { where, next }) };
}

const isAddress = (to: string): boolean => URL.canParse(to) && /^https?:$/.test(new URL(to).protocol);

async function tokenIn(from: string): Promise<string> {
  const [, kind, name = ''] = /^(env|file):(.+)$/.exec(from) ?? [];
  const told = { where: '--notify-token', next: 'Write --notify-token env:NAME or --notify-token file:PATH.' };
  // What was given may be the token itself: it is not told.
  if (kind === undefined)
    throw new Problem({ expected: 'env:NAME or file:PATH, where the token is', found: 'something else', ...told });
  return secretIn(kind === 'env' ? { env: name } : { file: name }, told);
}

/** One word, from where it is kept. @throws Problem that does not say it */
async function secretIn(from: KeptIn, told: { readonly where: string; readonly next: string }): Promise<string> {
  const place = from.env === undefined ? `file:${from.file}` : `env:${from.env}`;
  const word = (
    from.env === undefined
      ? await readRegular(from.file, { links: true }).catch((error: Error) => {
          throw new Problem({ expected: `a file with one word, ${place}`, found: error.message, ...told });
        })
      : (process.env[from.env] ?? '')
  ).trim();
  if (word === '' || /[^\x21-\x7e]/.test(word))
    throw new Problem({
      expected: `one word in ${place}`,
      found: word === '' ? 'nothing' : 'several, or what no header may have',
      ...told,
    });
  return word;
}

/** Tells somebody; hands back what went wrong, without any secret, or null. */
export async function notify(recipient: Recipient, message: Message): Promise<string | null> {
  try {
    return recipient.way === 'command' ? await commanded(recipient, message) : await posted(recipient, message);
  } catch (error) {
    const { name, cause } = error as Error & { cause?: { code?: string; message?: string } };
    const why =
      name === 'TimeoutError' ? `no answer within ${patience / 1000} s` : (cause?.code ?? cause?.message ?? name);
    return `${placeOf(recipient)}: ${why}`;
  }
}

/** What may be told of an address: a topic or a token may stand in the rest. */
const placeOf = ({ way, to }: Recipient): string =>
  way === 'command' ? 'the command of notify' : `${way} at ${new URL(to).host}`;

/** The text goes in by standard input, and the facts by variables: nothing is put into the line. */
async function commanded({ to }: Recipient, { host, title, text, isUrgent }: Message): Promise<string | null> {
  const env = { STACKFUZZ_HOST: host, STACKFUZZ_TITLE: clean(title), STACKFUZZ_URGENT: isUrgent ? 'yes' : 'no' };
  const { status, stderr } = await run('sh', ['-c', to], { env, input: `${clean(text)}\n`, timeoutMs: patience });
  return status === 0 ? null : `the command of notify ended with ${status}: ${clean(stderr).slice(0, 500)}`;
}

const clean = (text: string): string => visible(redacted(text));

async function posted(recipient: Recipient, { host, title, text, isUrgent, report }: Message): Promise<string | null> {
  const { way, to, token } = recipient;
  const bearer = token === null ? {} : { authorization: `Bearer ${token}` };
  const json = { 'content-type': 'application/json' };
  const requests = {
    // ntfy takes the title in a header, which has no other letters than these.
    ntfy: {
      headers: {
        ...bearer,
        title: clean(title).replace(/[^\x20-\x7e]/g, '?'),
        priority: isUrgent ? 'high' : 'default',
        tags: isUrgent ? 'warning' : 'white_check_mark',
      },
      body: clean(text),
    },
    gotify: {
      headers: { ...json, ...(token === null ? {} : { 'x-gotify-key': token }) },
      body: JSON.stringify({ title: clean(title), message: clean(text), priority: isUrgent ? 8 : 4 }),
    },
    webhook: {
      headers: { ...json, ...bearer },
      body: redacted(JSON.stringify({ host, title: clean(title), text: clean(text), urgent: isUrgent, report })),
    },
  } as const;
  const { headers, body } = requests[way as Exclude<Way, 'command'>];
  const answer = await fetch(to, {
    method: 'POST',
    headers,
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(patience),
  });
  await answer.body?.cancel();
  return answer.ok ? null : `${placeOf(recipient)}: status ${answer.status}`;
}
