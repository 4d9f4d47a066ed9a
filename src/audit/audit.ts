import { Sick } from '../../models/host.ts';
import { normalPath, type Operator } from '../hosts/paths.ts';
import type { Channel } from '../hosts/transport/channel.ts';
import { driftFindings } from './checks/drift.ts';
import { type ExpectedOwner, ownerFindings } from './checks/expected-owner.ts';
import { freshnessFindings } from './checks/freshness.ts';
import { healthFindings } from './checks/health.ts';
import { labelFindings } from './checks/labels.ts';
import { orphanFindings } from './checks/orphans.ts';
import { ownershipFindings, whatItIs } from './checks/ownership.ts';
import { type AuditFacts, factsIn, property } from './facts.ts';
import type { Audit, AuditedUnit, AuditFinding } from './finding.ts';
import { mergedIn, mergedScript, unitsToMerge } from './merged.ts';
import { auditScript } from './script.ts';
import { type StackUnit, stackUnitsIn } from './stack-units.ts';

/** Milliseconds until a host that does not answer is given up. */
const patience = 60_000;

/** What of an audit can be chosen. */
export interface AuditChoice {
  /** Who is to own every unit, and nobody else; absent: whoever does. */
  readonly owner?: ExpectedOwner;
  /** Have compose say of every project what it would make now. */
  readonly deep?: boolean;
}

/**
 * Looks at every unit of an operator that runs containers, whatever it is called, and says what is not as it should be. Reads
 * only, by one call, and one more where compose has to put files together.
 * @throws Sick where the host does not say enough.
 */
export async function audit(channel: Channel, operator: Operator, choice: AuditChoice = {}): Promise<Audit> {
  const ran = await channel.run(auditScript(operator), { as: 'operator', timeoutMs: patience });
  if (ran.timedOut) throw new Sick(`the host did not answer within ${patience / 1000} s`);
  if (ran.truncated) throw new Sick('the host has more to say than a connection carries');
  if (ran.status !== 0) throw new Sick(`the audit ended with status ${ran.status}: ${ran.stderr.slice(0, 500)}`);
  const facts = factsIn(ran.stdout);
  const units = stackUnitsIn(facts);
  const asked = unitsToMerge(units, facts, choice.deep === true);
  if (asked.length === 0) return auditOf(units, facts, operator, choice);
  const said = await channel.run(mergedScript(asked), { as: 'operator', timeoutMs: patience });
  if (!said.stdout.endsWith('@@ end\n')) throw new Sick(`compose did not answer within ${patience / 1000} s`);
  const merged = mergedIn(said.stdout, asked);
  return auditOf(
    units.map(unit => ({ ...unit, ...merged.get(unit.name) })),
    facts,
    operator,
    choice,
  );
}

/** What is to be said of these units. */
function auditOf(units: readonly StackUnit[], facts: AuditFacts, operator: Operator, { owner }: AuditChoice): Audit {
  const checks = [ownershipFindings, driftFindings, healthFindings, freshnessFindings, labelFindings];
  const findings = [
    ...ofManager(facts, operator),
    ...units.flatMap(unit => checks.flatMap(check => check(unit, facts))),
    ...(owner === undefined ? [] : units.flatMap(unit => ownerFindings(unit, owner))),
    ...orphanFindings(units, facts),
  ];
  const short = (text: string): string =>
    text
      .split(/(?<=\s)|(?=[\s,;:]\s)/)
      .map(word => normalPath(word.trimEnd(), operator) + word.slice(word.trimEnd().length))
      .join('');
  return {
    operator: operator.name,
    clock: facts.clock,
    units: units.map(unit => audited(unit, operator)),
    findings: once(
      findings
        .filter(each => each.kind !== 'freshness' || !findings.some(other => isOwnership(other, each)))
        .map(each => ({ ...each, subject: short(each.subject), says: short(each.says) })),
    ),
  };
}

/** What should not be there at all needs no word on its age. */
const isOwnership = (one: AuditFinding, of: AuditFinding): boolean =>
  one.kind === 'ownership' && one.subject === of.subject;

/** A drop-in for all services is one thing to tell, however many units it extends. */
function once(findings: readonly AuditFinding[]): readonly AuditFinding[] {
  const seen = new Map<string, AuditFinding>();
  for (const each of findings) {
    const key = JSON.stringify([each.kind, each.subject, each.says]);
    const before = seen.get(key);
    seen.set(key, before === undefined || before.unit === each.unit ? each : { ...each, unit: null });
  }
  return [...seen.values()];
}

function ofManager({ manager, linger }: AuditFacts, { name, uid }: Operator): readonly AuditFinding[] {
  const subject = `user manager of ${name}`;
  const found: AuditFinding[] = [];
  if (manager !== 'running')
    found.push({
      kind: 'manager',
      severity: 'critical',
      unit: null,
      subject,
      says: `is ${manager === '' ? 'in no state that it tells' : manager}: no stack runs, and nothing more can be asked (systemctl start user@${uid}.service)`,
    });
  if (!linger)
    found.push({
      kind: 'manager',
      severity: 'warning',
      unit: null,
      subject,
      says: `does not linger: all stacks stop when ${name} logs out, and none starts at boot (loginctl enable-linger ${name})`,
    });
  return found;
}

const audited = ({ name, project, owner, loaded, containers, files }: StackUnit, operator: Operator): AuditedUnit => ({
  name,
  project,
  owner,
  files: files.map(file => ({ path: normalPath(file.path, operator), what: whatItIs(file) })),
  fragmentPath: normalPath(property(loaded, 'FragmentPath'), operator),
  dropInPaths: property(loaded, 'DropInPaths')
    .split(' ')
    .filter(path => path !== '')
    .map(path => normalPath(path, operator)),
  unitFileState: property(loaded, 'UnitFileState'),
  activeState: property(loaded, 'ActiveState'),
  containers: containers.map(({ Name }) => Name).sort(),
});
