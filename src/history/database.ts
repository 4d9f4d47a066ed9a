import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import sqlite from 'node-sqlite3-wasm';
import { codeOf, makeFolder } from '../files.ts';
import { lockedFolder } from '../lock.ts';
import { Problem } from '../problem.ts';

/** A value that a statement is given, or hands back. */
export type Value = string | number | bigint | null;
export type Row = Readonly<Record<string, Value>>;

/** An open database. */
export interface Connection {
  /** All rows of a query. */
  all(sql: string, values?: readonly Value[]): readonly Row[];
  /** Does something; hands back the number of the row that it has inserted last. */
  run(sql: string, values?: readonly Value[]): number;
  /** Does all of it, or nothing, whatever happens meanwhile: it is on the disk when this is done. */
  together<T>(work: () => T): T;
}

/** "SfHi": tells our files from those of other programs (sqlite.org/pragma.html, application_id). */
const applicationId = 0x53664869;

/**
 * Opens a database that has these tables, does some work with it, and closes it. One process at a time: others wait. What is
 * written is written into a copy, which then takes the place of the file: whoever is killed leaves the one or the other. (The library's own way, a journal, cannot be relied on: it takes its own lock for somebody
 * else's, and never plays a journal back.)
 * @param migrations SQL for each version of the tables, the oldest first
 * @throws Problem where the file is none of ours, is damaged, or comes from a newer stackfuzz
 */
export async function withDatabase<T>(
  file: string,
  migrations: readonly string[],
  work: (connection: Connection) => T,
): Promise<T> {
  const folder = dirname(resolve(file));
  try {
    await makeFolder(folder);
  } catch (error) {
    throw refused('a folder that can be written', codeOf(error) ?? (error as Error).message, folder);
  }
  mustBeRegular(file);
  return lockedFolder(folder, async held => {
    // The library's own lock is a directory, which a killed process leaves behind. While the folder is ours, nobody holds it.
    const copy = `${file}.new`;
    if (held) for (const left of [`${file}.lock`, copy, `${copy}.lock`]) rmSync(left, { recursive: true, force: true });
    mustBeWhole(file);
    const database = openedAs(file, copy);
    try {
      const connection = connectionTo(database);
      migrate(connection, migrations, file);
      const result = work(connection);
      database.publish();
      return result;
    } catch (error) {
      throw inWords(error, file);
    } finally {
      database.close();
    }
  });
}

/** A database that is read as it stands, and of which a copy is written from the first change on. */
interface Copied {
  readonly now: () => InstanceType<typeof sqlite.Database>;
  readonly toWrite: () => InstanceType<typeof sqlite.Database>;
  /** Puts what was written in the place of the file. */
  publish(): void;
  close(): void;
}

function openedAs(file: string, copy: string): Copied {
  let open: InstanceType<typeof sqlite.Database> | null = null;
  let isCopy = false;
  const close = (): void => {
    open?.close();
    open = null;
  };
  const toWrite = (): InstanceType<typeof sqlite.Database> => {
    if (open !== null && isCopy) return open;
    close();
    if (existsSync(file)) copyFileSync(file, copy);
    const database = new sqlite.Database(copy);
    open = database;
    isCopy = true;
    // Nobody sees it before it is whole.
    database.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF');
    return database;
  };
  return {
    now() {
      if (open === null && !existsSync(file)) return toWrite();
      open ??= new sqlite.Database(file);
      return open;
    },
    toWrite,
    publish() {
      close();
      if (!isCopy) return;
      isCopy = false;
      synced(copy, 'r+');
      renameSync(copy, file);
      synced(dirname(resolve(file)), 'r');
    },
    close() {
      close();
      rmSync(copy, { force: true });
    },
  };
}

function synced(path: string, flags: string): void {
  const descriptor = openSync(path, flags);
  fsyncSync(descriptor);
  closeSync(descriptor);
}

function connectionTo({ now, toWrite, publish }: Copied): Connection {
  return {
    all: (sql, values = []) => now().all(sql, [...values]) as readonly Row[],
    run: (sql, values = []) => Number(toWrite().run(sql, [...values]).lastInsertRowid),
    together(work) {
      const database = toWrite();
      database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        database.exec('COMMIT');
        publish();
        return result;
      } catch (error) {
        if (database.inTransaction) database.exec('ROLLBACK');
        throw error;
      }
    },
  };
}

/** @throws Problem where a write was cut off by a stackfuzz that wrote into the file itself, or by another program */
function mustBeWhole(file: string): void {
  if ((statSync(`${file}-journal`, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
  throw refused(
    'a history that was written to its end',
    `${file}-journal, which is not played back yet`,
    file,
    `Have SQLite play it back: sqlite3 ${file} 'PRAGMA integrity_check'`,
  );
}

function mustBeRegular(file: string): void {
  const there = lstatSync(file, { throwIfNoEntry: false });
  if (there !== undefined && !there.isFile()) throw refused('a regular file', 'something else', file);
}

function migrate(connection: Connection, migrations: readonly string[], file: string): void {
  const number = (name: string): number => Number(connection.all(`PRAGMA ${name}`)[0]?.[name] ?? 0);
  const [id, version] = [number('application_id'), number('user_version')];
  const isEmpty = connection.all('SELECT 1 FROM sqlite_schema LIMIT 1').length === 0;
  if (!isEmpty && id !== applicationId) throw refused("stackfuzz's history", 'a database of another program', file);
  if (version > migrations.length)
    throw refused(`tables of version ${migrations.length}`, `version ${version}, of a newer stackfuzz`, file);
  if (version === migrations.length) return;
  connection.together(() => {
    for (const sql of migrations.slice(version))
      for (const statement of sql.split(';').filter(each => each.trim() !== '')) connection.run(statement);
    connection.run(`PRAGMA application_id = ${applicationId}`);
    connection.run(`PRAGMA user_version = ${migrations.length}`);
  });
}

/** Bytes below which a database cannot be written: its tables, and the journal of a night. */
const leastRoom = 65_536;

function inWords(error: unknown, file: string): unknown {
  if (codeOf(error) === 'ENOSPC') return refused('room for the history', 'a full disk', file, 'Make room there.');
  if (!(error instanceof sqlite.SQLite3Error)) return error;
  const { message } = error;
  if (/not a database|malformed|corrupt/i.test(message)) return refused("stackfuzz's history", message, file);
  if (/locked/i.test(message))
    return refused(
      'a database that nobody else has open',
      message,
      file,
      'Wait for the other stackfuzz, and try again.',
    );
  // The library calls a full disk an error of input and output like any other.
  const { bavail, bsize } = statfsSync(dirname(resolve(file)));
  if (bavail * bsize < leastRoom)
    return refused('room for the history', `${bavail * bsize} bytes free (${message})`, file, 'Make room there.');
  return refused('a database that can be read and written', message, file);
}

const refused = (expected: string, found: string, where: string, next?: string): Problem =>
  new Problem({
    expected,
    found,
    where,
    next:
      next ?? `Name another file: --history FILE. Or move it aside, and a new one is begun: mv ${where} ${where}.old`,
  });
