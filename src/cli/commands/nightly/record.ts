import type { ListedNight, NightRecord, Outcomes } from '../../../history/history.ts';
import type { Report } from '../../../reports/report.ts';
import { type Status, verdictWord } from '../../exit.ts';
import { version } from '../../package.ts';

/** A night that was had, with the reports of its parts. */
export interface Had {
  readonly night: NightRecord;
  readonly status: Status;
  readonly search: Report | null;
  readonly replay: Report | null;
  readonly notes: readonly string[];
  /** What its parts ended by that did not come to their end. */
  readonly failures: readonly string[];
}

const wasTried = (went: Outcomes | undefined): boolean => went !== undefined && went.succeeded + went.failed > 0;

/** How often each operation was done in the parts of a night. */
export function coverageOfNight(parts: readonly (Report | null)[]): NightRecord['coverage'] {
  const sums: Record<string, Outcomes> = {};
  for (const [operation, went] of parts.flatMap(part => Object.entries(part?.coverage ?? {}))) {
    const { succeeded = 0, failed = 0, justified = 0, skipped = 0 } = sums[operation] ?? {};
    sums[operation] = {
      succeeded: succeeded + went.succeeded,
      failed: failed + went.failed,
      justified: justified + (went.justified ?? 0),
      skipped: skipped + (went.skipped ?? 0),
    };
  }
  return sums;
}

/** The search's report with what the rest of the night adds. */
export function reportOfNight({ night, status, search, replay, notes }: Had, nights: readonly ListedNight[]): Report {
  const searched = search?.findings ?? [];
  const others = (replay?.findings ?? []).filter(
    ({ signature }) =>
      night.findings.some(each => each.signature === signature) && !searched.some(each => each.signature === signature),
  );
  return {
    ...(search ?? { format: 1, host: night.host, profile: night.profile, provider: night.provider }),
    command: 'nightly',
    format: 1,
    host: night.host,
    status,
    verdict: verdictWord(status),
    began: new Date(night.began).toISOString(),
    stackfuzz: version(),
    seconds: night.seconds,
    operations: night.stages.reduce((sum, { operations }) => sum + operations, 0),
    findings: [...searched, ...others],
    promises: { ...replay?.promises, ...search?.promises },
    coverage: night.coverage,
    ...(search?.neverTried && { neverTried: search.neverTried.filter(each => !wasTried(night.coverage[each])) }),
    ...(search?.neverSucceeded && {
      neverSucceeded: search.neverSucceeded.filter(each => (night.coverage[each]?.succeeded ?? 0) === 0),
    }),
    notes: [...(search?.notes ?? []), ...notes],
    nights: nights.toReversed().map(each => ({
      date: new Date(each.began).toISOString(),
      verdict: verdictWord(each.status as Status),
      operations: each.operations,
      seconds: each.seconds,
      findings: Object.fromEntries(each.signatures.map(signature => [signature, 1])),
      ...(!each.isWhole && { whole: false }),
    })),
  };
}
