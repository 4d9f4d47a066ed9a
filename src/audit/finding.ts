/** What an audit asks of each stack unit. */
export const auditKinds = ['manager', 'ownership', 'drift', 'freshness', 'labels', 'orphan', 'health'] as const;

/** One of these questions. */
export type AuditKind = (typeof auditKinds)[number];

/** Something that an audit has found. */
export interface AuditFinding {
  readonly kind: AuditKind;
  /** Whether something does not run as it should now (critical), or will not at some later time (warning). */
  readonly severity: 'critical' | 'warning';
  /** The stack unit that it is about; null where it is about none. */
  readonly unit: string | null;
  /** What it is about: a path, a unit, a container, a network … */
  readonly subject: string;
  /** What is the matter, as the rest of a sentence that begins with the subject. */
  readonly says: string;
}

/** What an audit has found out. */
export interface Audit {
  readonly operator: string;
  /** The host's clock, in seconds. */
  readonly clock: number;
  /** Every unit that runs containers. */
  readonly units: readonly AuditedUnit[];
  readonly findings: readonly AuditFinding[];
}

/** A stack unit as the audit found it. */
export interface AuditedUnit {
  readonly name: string;
  /** Its compose project; null where it runs none. */
  readonly project: string | null;
  /** Who is meant to install it. */
  readonly owner: 'Home Manager' | 'NixOS' | 'hand' | 'generator';
  /** Every file of its name, the one that counts first: of either owner, and of anybody else. */
  readonly files: readonly { readonly path: string; readonly what: string }[];
  readonly fragmentPath: string;
  readonly dropInPaths: readonly string[];
  readonly unitFileState: string;
  readonly activeState: string;
  /** Names of its containers. */
  readonly containers: readonly string[];
}
