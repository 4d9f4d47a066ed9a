/**
 * Which share of the big tables of tests a run does: small enough for a short run, and another one with each commit, so that a
 * few commits see all of them. Plain Node: `npm test` needs it before anything is installed.
 */
import { spawnSync } from 'node:child_process';

/** Number of shares: as many commits in a row see every case. */
export const parts = 12;

/** The environment variable that chooses the share: `all`, or `2/12` for the second of twelve. */
export const shareVariable = 'STACKFUZZ_SHARE';

/** Reads the variable. @returns {{ nth: number, of: number } | null} null for everything @throws Error if it is neither */
export function shareIn(text) {
  if (text === undefined || text === '' || text === 'all') return null;
  const [, nth, of] = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text) ?? [];
  if (nth !== undefined && Number(nth) <= Number(of)) return { nth: Number(nth), of: Number(of) };
  throw new Error(`${shareVariable}: expected "all", or one part of several like "2/${parts}"; found "${text}"`);
}

/**
 * The cases of a table that belong to a share: every so many-th, and at least one of a short table. All shares together have
 * every case.
 */
export function inShare(cases, share) {
  if (share === null || cases.length === 0) return [...cases];
  const own = cases.filter((_, index) => index % share.of === share.nth - 1);
  return own.length > 0 ? own : [cases[(share.nth - 1) % cases.length]];
}

/** The cases of a table that this run does. */
export const casesInShare = cases => inShare(cases, shareIn(process.env[shareVariable]));

/**
 * One case of a table whose cases take long, another with each commit, so that as many commits as there are cases see all of
 * them; all of them where everything is done. A share of a share would leave out the same cases for ever.
 */
export function oneOf(cases, share, { number }) {
  if (share === null || cases.length === 0) return [...cases];
  return [cases[(number ?? share.nth - 1) % cases.length]];
}

/** The one case of a table that this run does, or all. */
export const oneInTurn = cases => oneOf(cases, shareIn(process.env[shareVariable]), commitIn(process.cwd()));

/** Whether a test that belongs to one share only is in this run; also if there are fewer shares than that. */
export function isTurnOf(nth) {
  const share = shareIn(process.env[shareVariable]);
  return share === null || (nth - 1) % share.of === share.nth - 1;
}

/**
 * Whether a file of tests that takes turns with others, so many in all, is in this run. Its cases must not be cut into shares
 * as well: some would never be done.
 */
export function isTurnAmong(nth, all) {
  const share = shareIn(process.env[shareVariable]);
  return share === null || share.of < all || (share.nth - 1) % all === nth - 1;
}

/** The share of a commit: by its number in the history, so that neighbours differ; by its hash if the history is incomplete. */
export function shareOf({ number, hash }) {
  const turn = number ?? (hash === null ? 0 : Number.parseInt(hash.slice(0, 8), 16));
  return `${(turn % parts) + 1}/${parts}`;
}

/** The commit of a folder, if git knows one there. */
export function commitIn(root) {
  const git = (...args) => {
    const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
    return status === 0 ? stdout.trim() : null;
  };
  const hash = git('rev-parse', 'HEAD');
  const whole = git('rev-parse', '--is-shallow-repository') === 'false';
  const number = hash !== null && whole ? Number(git('rev-list', '--count', 'HEAD')) : null;
  return { number: number || null, hash };
}

/** The share in words. */
export function wordsOf(share, commit, asked) {
  if (shareIn(share) === null) return 'every case of the big tables';
  const by = asked
    ? `as ${shareVariable} says`
    : commit.number !== null
      ? `by the number of the commit, ${commit.number}`
      : commit.hash !== null
        ? `by the hash of the commit, ${commit.hash.slice(0, 12)}`
        : 'since there is no commit here to go by';
  return `part ${share} of the big tables (${by}); every case of them: npm run test:all, or ${shareVariable}=all`;
}
