import type { Stage } from '../../../engine/schedule/slots.ts';
import type { ReportFiles } from '../../../reports/write.ts';

/** How long and how far to search. */
export interface SearchPlan {
  readonly seed: number;
  readonly from: number;
  readonly steps: number;
  readonly runs?: number;
  readonly seconds?: number;
  /** Ends after so many new findings. */
  readonly findings?: number;
  /** Absent: the usual one of the machines. */
  readonly corpus?: string;
  readonly beyondKnown: boolean;
  /** The stages that are gone through, in their order. */
  readonly schedule: readonly Stage[];
  readonly reports: ReportFiles;
}
