import type { Step } from '../../models/operation.ts';
import { type Connection, type Row, withDatabase } from './database.ts';

/** A night: what was done on a host by one `stackfuzz nightly`. */
export interface NightRecord {
  readonly host: string;
  readonly profile: string;
  readonly provider: string;
  /** Milliseconds since 1970. */
  readonly began: number;
  readonly seconds: number;
  /** Exit status. */
  readonly status: number;
  readonly seed: number;
  /** Whether all that is known was asked for: only then is what did not show gone. */
  readonly isWhole: boolean;
  readonly stages: readonly NightStage[];
  readonly findings: readonly NightFinding[];
  readonly coverage: Readonly<Record<string, Outcomes>>;
}

/** A part of a night. */
export interface NightStage {
  readonly name: string;
  readonly status: number;
  readonly runs: number;
  readonly operations: number;
  readonly seconds: number;
}

/** A promise that was broken in a night. */
export interface NightFinding {
  readonly signature: string;
  readonly invariant: string;
  readonly promise: string;
  /** The file of the corpus. */
  readonly entry: string;
  readonly steps: readonly Step[];
  readonly waiver?: string | undefined;
  /** Whether the corpus had it before that night, as one that shows. */
  readonly known: boolean;
}

/** How often an operation was done, by how it ended. */
export interface Outcomes {
  readonly succeeded: number;
  readonly failed: number;
  readonly justified: number;
  readonly skipped: number;
}

/** What a history of nights is about: what a night finds says nothing about another profile or provider on the same host. */
export interface TestedOnHost {
  readonly host: string;
  readonly profile: string;
  readonly provider: string;
}

/** A finding on a host, over all nights. */
export interface FindingOverNights extends TestedOnHost {
  readonly signature: string;
  readonly invariant: string;
  readonly promise: string;
  readonly entry: string;
  readonly waiver: string | null;
  /**
   * New in the last night; known before it, and not seen here in the one before; still there since an earlier one; gone in it;
   * or not asked for in it.
   */
  readonly state: 'new' | 'known' | 'still there' | 'gone' | 'not asked for';
  /** When it was first and last seen: milliseconds since 1970. */
  readonly first: number;
  readonly last: number;
  /** In how many nights. */
  readonly nights: number;
}

/** A night as it is listed. */
export interface ListedNight
  extends Pick<NightRecord, 'host' | 'profile' | 'provider' | 'began' | 'seconds' | 'status' | 'isWhole'> {
  readonly findings: number;
  readonly fresh: number;
  readonly gone: number;
  readonly operations: number;
  readonly runs: number;
  /** Signatures of what it found. */
  readonly signatures: readonly string[];
}

/** What a night has changed on its host: each finding is in one of these lists. */
export interface Changes {
  /** Null in the first night. */
  readonly statusBefore: number | null;
  /** Those that the corpus did not have either. */
  readonly fresh: readonly NightFinding[];
  /** Those that the corpus had, and that were not there in the last night here: the first time, or again. */
  readonly known: readonly NightFinding[];
  readonly still: readonly NightFinding[];
  readonly gone: readonly Pick<FindingOverNights, 'signature' | 'invariant' | 'promise' | 'entry'>[];
}

/** The tables, version by version. */
export const migrations = [
  `CREATE TABLE nights (
    id INTEGER PRIMARY KEY, host TEXT NOT NULL, profile TEXT NOT NULL, provider TEXT NOT NULL, began INTEGER NOT NULL,
    seconds REAL NOT NULL, status INTEGER NOT NULL, seed INTEGER NOT NULL, whole INTEGER NOT NULL,
    findings INTEGER NOT NULL, fresh INTEGER NOT NULL, gone INTEGER NOT NULL, operations INTEGER NOT NULL, runs INTEGER NOT NULL
  );
  CREATE INDEX nights_of_host ON nights (host, id);
  CREATE TABLE stages (
    night INTEGER NOT NULL REFERENCES nights, name TEXT NOT NULL, status INTEGER NOT NULL, runs INTEGER NOT NULL,
    operations INTEGER NOT NULL, seconds REAL NOT NULL
  );
  CREATE INDEX stages_of_night ON stages (night);
  CREATE TABLE findings (
    id INTEGER PRIMARY KEY, signature TEXT NOT NULL UNIQUE, invariant TEXT NOT NULL, promise TEXT NOT NULL
  );
  CREATE TABLE sightings (
    night INTEGER NOT NULL REFERENCES nights, finding INTEGER NOT NULL REFERENCES findings, entry TEXT NOT NULL,
    steps TEXT NOT NULL, waiver TEXT, PRIMARY KEY (night, finding)
  ) WITHOUT ROWID;
  CREATE TABLE standing (
    host TEXT NOT NULL, finding INTEGER NOT NULL REFERENCES findings, first INTEGER NOT NULL REFERENCES nights,
    last INTEGER NOT NULL REFERENCES nights, times INTEGER NOT NULL, gone INTEGER REFERENCES nights, PRIMARY KEY (host, finding)
  ) WITHOUT ROWID;
  CREATE TABLE coverage (
    night INTEGER NOT NULL REFERENCES nights, operation TEXT NOT NULL, succeeded INTEGER NOT NULL, failed INTEGER NOT NULL,
    justified INTEGER NOT NULL, skipped INTEGER NOT NULL, PRIMARY KEY (night, operation)
  ) WITHOUT ROWID`,
  // Nights of one host under several profiles had one list of findings: each is given to the profile that has shown it last.
  `ALTER TABLE sightings ADD COLUMN known INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE standing_of_subject (
    host TEXT NOT NULL, profile TEXT NOT NULL, provider TEXT NOT NULL, finding INTEGER NOT NULL REFERENCES findings,
    first INTEGER NOT NULL REFERENCES nights, last INTEGER NOT NULL REFERENCES nights, times INTEGER NOT NULL,
    gone INTEGER REFERENCES nights, PRIMARY KEY (host, profile, provider, finding)
  ) WITHOUT ROWID;
  INSERT INTO standing_of_subject SELECT s.host, n.profile, n.provider, s.finding, s.first, s.last, s.times, s.gone
    FROM standing s JOIN nights n ON n.id = s.last;
  DROP TABLE standing;
  ALTER TABLE standing_of_subject RENAME TO standing;
  DROP INDEX nights_of_host;
  CREATE INDEX nights_of_subject ON nights (host, profile, provider, id);
  CREATE TABLE totals (
    host TEXT NOT NULL, profile TEXT NOT NULL, provider TEXT NOT NULL, operation TEXT NOT NULL, succeeded INTEGER NOT NULL,
    failed INTEGER NOT NULL, justified INTEGER NOT NULL, skipped INTEGER NOT NULL,
    PRIMARY KEY (host, profile, provider, operation)
  ) WITHOUT ROWID;
  INSERT INTO totals SELECT n.host, n.profile, n.provider, c.operation, sum(c.succeeded), sum(c.failed), sum(c.justified),
    sum(c.skipped) FROM coverage c JOIN nights n ON n.id = c.night GROUP BY 1, 2, 3, 4;
  DELETE FROM coverage WHERE succeeded + failed + justified + skipped = 0`,
];

/** The history of nights, in one SQLite file. */
export interface History {
  /** Keeps a night, all of it or nothing, and says what it has changed. */
  add(night: NightRecord): Changes;
  /** Every finding, by host; the open ones first. */
  standing(of?: Asked): readonly FindingOverNights[];
  /** The last nights, the newest first. */
  nights(count: number, of?: Asked): readonly ListedNight[];
  /** What operations came to in all nights. */
  coverage(of?: Asked): Readonly<Record<string, Outcomes>>;
}

/** Whose nights are asked for: all of a host, whatever was under test there, or those of one subject; everybody's where absent. */
export type Asked = Pick<TestedOnHost, 'host'> | TestedOnHost;

/** Works with a history; see `withDatabase` for what may be wrong with its file. */
export const withHistory = <T>(file: string, work: (history: History) => T): Promise<T> =>
  withDatabase(file, migrations, connection => work(historyIn(connection)));

function historyIn(connection: Connection): History {
  /** A host has several names here: with compose files of one's own (`wsl with ./media`) its nights are others. */
  const named = (host: string): readonly string[] =>
    connection
      .all(
        // From name to name by the index, however many nights there are.
        `WITH RECURSIVE each (host) AS (
          SELECT min(host) FROM nights
          UNION ALL SELECT (SELECT min(n.host) FROM nights n WHERE n.host > each.host) FROM each WHERE each.host IS NOT NULL
        ) SELECT host FROM each WHERE host IS NOT NULL`,
      )
      .map(row => text(row, 'host'))
      .filter(each => each === host || each.startsWith(`${host} with `) || each.startsWith(`${host} on `));
  function asked(of: Asked | undefined, alias: string): { readonly where: string; readonly values: readonly string[] } {
    if (of === undefined) return { where: '', values: [] };
    if ('profile' in of)
      return {
        where: `WHERE ${alias}.host = ? AND ${alias}.profile = ? AND ${alias}.provider = ?`,
        values: [of.host, of.profile, of.provider],
      };
    const hosts = named(of.host);
    // The plus: the last nights are found from the last one on, and not by sorting all that the index has of these hosts.
    return { where: `WHERE +${alias}.host IN (${hosts.map(() => '?').join(', ')})`, values: hosts };
  }
  return {
    add: night => connection.together(() => added(connection, night)),
    standing(of) {
      const { where, values } = asked(of, 's');
      // What the last night of a subject was is told by the index of nights.
      const rows = connection.all(
        `SELECT s.host, s.profile, s.provider, f.signature, f.invariant, f.promise, s.first, s.last, s.times, s.gone,
          a.began AS began, z.began AS ended,
          (SELECT max(n.id) FROM nights n WHERE n.host = s.host AND n.profile = s.profile AND n.provider = s.provider) AS latest,
          (SELECT entry FROM sightings g WHERE g.night = s.last AND g.finding = s.finding) AS entry,
          (SELECT known FROM sightings g WHERE g.night = s.last AND g.finding = s.finding) AS known,
          (SELECT waiver FROM sightings g WHERE g.night = s.last AND g.finding = s.finding) AS waiver
        FROM standing s JOIN findings f ON f.id = s.finding JOIN nights a ON a.id = s.first JOIN nights z ON z.id = s.last
        ${where} ORDER BY s.host, s.profile, s.provider, s.gone IS NOT NULL, s.last DESC, f.signature`,
        values,
      );
      return rows.map(standingIn);
    },
    nights(count, of) {
      const { where, values: whose } = asked(of, 'n');
      const last = `SELECT * FROM nights n ${where} ORDER BY n.id DESC LIMIT ?`;
      const values = [...whose, count];
      const found = connection.all(
        `SELECT s.night, f.signature FROM sightings s JOIN findings f ON f.id = s.finding
        WHERE s.night IN (SELECT id FROM (${last})) ORDER BY f.signature`,
        values,
      );
      const signatures = new Map<number, string[]>();
      for (const row of found) {
        const id = number(row, 'night');
        signatures.set(id, [...(signatures.get(id) ?? []), text(row, 'signature')]);
      }
      return connection.all(last, values).map(row => nightIn(row, signatures.get(number(row, 'id')) ?? []));
    },
    coverage(of) {
      const { where, values } = asked(of, 't');
      const rows = connection.all(
        `SELECT operation, sum(succeeded) AS succeeded, sum(failed) AS failed, sum(justified) AS justified, sum(skipped) AS skipped
        FROM totals t ${where} GROUP BY operation ORDER BY operation`,
        values,
      );
      return Object.fromEntries(
        rows.map(row => [
          text(row, 'operation'),
          {
            succeeded: number(row, 'succeeded'),
            failed: number(row, 'failed'),
            justified: number(row, 'justified'),
            skipped: number(row, 'skipped'),
          },
        ]),
      );
    },
  };
}

const text = (row: Row, key: string): string => String(row[key] ?? '');
const number = (row: Row, key: string): number => Number(row[key] ?? 0);

function standingIn(row: Row): FindingOverNights {
  const [first, last, latest] = [number(row, 'first'), number(row, 'last'), number(row, 'latest')];
  const begun = number(row, 'known') === 1 ? 'known' : 'new';
  const seen = first === latest ? begun : last === latest ? 'still there' : 'not asked for';
  return {
    host: text(row, 'host'),
    profile: text(row, 'profile'),
    provider: text(row, 'provider'),
    signature: text(row, 'signature'),
    invariant: text(row, 'invariant'),
    promise: text(row, 'promise'),
    entry: text(row, 'entry'),
    waiver: row.waiver == null ? null : String(row.waiver),
    state: row.gone == null ? seen : 'gone',
    first: number(row, 'began'),
    last: number(row, 'ended'),
    nights: number(row, 'times'),
  };
}

const nightIn = (row: Row, signatures: readonly string[]): ListedNight => ({
  signatures,
  host: text(row, 'host'),
  profile: text(row, 'profile'),
  provider: text(row, 'provider'),
  began: number(row, 'began'),
  seconds: number(row, 'seconds'),
  status: number(row, 'status'),
  isWhole: number(row, 'whole') === 1,
  findings: number(row, 'findings'),
  fresh: number(row, 'fresh'),
  gone: number(row, 'gone'),
  operations: number(row, 'operations'),
  runs: number(row, 'runs'),
});

/** What is there once for each signature: two sightings of one are one finding. */
function added(connection: Connection, night: NightRecord): Changes {
  const { host, profile, provider, began, seconds, status, seed, isWhole, stages, coverage } = night;
  const findings = [...new Map(night.findings.map(each => [each.signature, each])).values()];
  const subject = [host, profile, provider];
  const before = connection.all(
    'SELECT status FROM nights WHERE host = ? AND profile = ? AND provider = ? ORDER BY id DESC LIMIT 1',
    subject,
  )[0];
  const open = connection.all(
    `SELECT s.finding, f.signature, f.invariant, f.promise,
      (SELECT entry FROM sightings g WHERE g.night = s.last AND g.finding = s.finding) AS entry
    FROM standing s JOIN findings f ON f.id = s.finding
    WHERE s.host = ? AND s.profile = ? AND s.provider = ? AND s.gone IS NULL`,
    subject,
  );
  const here = new Set(open.map(row => text(row, 'signature')));
  const others = findings.filter(({ signature }) => !here.has(signature));
  const fresh = others.filter(({ known }) => !known);
  const shown = new Set(findings.map(({ signature }) => signature));
  const gone = isWhole ? open.filter(row => !shown.has(text(row, 'signature'))) : [];
  const sum = (of: (stage: NightStage) => number) => stages.reduce((all, stage) => all + of(stage), 0);
  const id = connection.run(
    `INSERT INTO nights (host, profile, provider, began, seconds, status, seed, whole, findings, fresh, gone, operations, runs)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      ...[host, profile, provider, began, seconds, status, seed, isWhole ? 1 : 0],
      ...[findings.length, fresh.length, gone.length, sum(each => each.operations), sum(each => each.runs)],
    ],
  );
  for (const stage of stages)
    connection.run('INSERT INTO stages VALUES (?, ?, ?, ?, ?, ?)', [
      ...[id, stage.name, stage.status, stage.runs, stage.operations, stage.seconds],
    ]);
  for (const { signature, invariant, promise, entry, steps, waiver, known } of findings) {
    connection.run(
      'INSERT INTO findings (signature, invariant, promise) VALUES (?, ?, ?) ON CONFLICT (signature) DO UPDATE SET promise = excluded.promise',
      [signature, invariant, promise],
    );
    const finding = number(connection.all('SELECT id FROM findings WHERE signature = ?', [signature])[0] ?? {}, 'id');
    connection.run('INSERT INTO sightings (night, finding, entry, steps, waiver, known) VALUES (?, ?, ?, ?, ?, ?)', [
      ...[id, finding, entry, JSON.stringify(steps), waiver ?? null, known ? 1 : 0],
    ]);
    // What was gone, and is back, begins anew; how often it was seen goes on.
    connection.run(
      `INSERT INTO standing (host, profile, provider, finding, first, last, times, gone) VALUES (?, ?, ?, ?, ?, ?, 1, NULL)
      ON CONFLICT (host, profile, provider, finding) DO UPDATE SET last = excluded.last, times = times + 1,
        first = CASE WHEN gone IS NULL THEN first ELSE excluded.first END, gone = NULL`,
      [...subject, finding, id, id],
    );
  }
  for (const row of gone)
    connection.run('UPDATE standing SET gone = ? WHERE host = ? AND profile = ? AND provider = ? AND finding = ?', [
      ...[id, ...subject, number(row, 'finding')],
    ]);
  for (const [operation, { succeeded, failed, justified, skipped }] of Object.entries(coverage)) {
    const counts = [succeeded, failed, justified, skipped];
    // An operation that was never tried is known by its total.
    if (counts.some(count => count > 0))
      connection.run('INSERT INTO coverage VALUES (?, ?, ?, ?, ?, ?)', [id, operation, ...counts]);
    connection.run(
      `INSERT INTO totals VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (host, profile, provider, operation) DO UPDATE SET
        succeeded = succeeded + excluded.succeeded, failed = failed + excluded.failed,
        justified = justified + excluded.justified, skipped = skipped + excluded.skipped`,
      [...subject, operation, ...counts],
    );
  }
  return {
    statusBefore: before === undefined ? null : number(before, 'status'),
    fresh,
    known: others.filter(({ known }) => known),
    still: findings.filter(({ signature }) => here.has(signature)),
    gone: gone.map(row => ({
      signature: text(row, 'signature'),
      invariant: text(row, 'invariant'),
      promise: text(row, 'promise'),
      entry: text(row, 'entry'),
    })),
  };
}
