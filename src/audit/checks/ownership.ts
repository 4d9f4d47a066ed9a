import type { AuditFacts, UnitFile, UnitTree } from '../facts.ts';
import { property } from '../facts.ts';
import type { AuditFinding } from '../finding.ts';
import type { StackUnit } from '../stack-units.ts';

/** Whether the files of a unit are its owner's, all of them, and nobody else's. */
export function ownershipFindings(unit: StackUnit, facts: AuditFacts): readonly AuditFinding[] {
  return [...unitFiles(unit, facts), ...declaredOnly(unit, facts), ...wanted(unit, facts), ...extended(unit, facts)];
}

const finding = (unit: StackUnit, severity: AuditFinding['severity'], subject: string, says: string): AuditFinding => ({
  kind: 'ownership',
  severity,
  unit: unit.name,
  subject,
  says,
});

const treeFor = (file: UnitFile, trees: readonly UnitTree[]): UnitTree | undefined =>
  trees.find(({ directory }) => directory === file.directory);

/** Whether a file is as its owner's current generation has it: a link into it, and to the same thing. */
function isDeclared(file: UnitFile, tree: UnitTree): boolean {
  const leads = tree.leaves.get(file.name);
  if (leads === undefined || file.kind !== 'link') return file.kind === 'file' && file.directory === tree.place;
  // Home Manager's links lead into the generation; those of NixOS by way of /etc/static.
  return (
    file.target === `${tree.place}/${file.name}` || (tree.owner === 'NixOS' && file.real === leads && isOfEtc(file))
  );
}

const isOfEtc = ({ target }: UnitFile): boolean =>
  target.startsWith('/etc/static/') || target.startsWith('/nix/store/') || target.startsWith('../');

/** What a file is, in words. */
export function whatItIs(file: UnitFile): string {
  if (file.kind === 'directory') return 'a directory';
  if (file.kind === 'link' && file.real === '/dev/null') return 'a mask';
  if (file.kind === 'link' && file.dangling) return `a link to ${file.target}, which is not there`;
  if (file.kind === 'link') return `a link to ${file.target}`;
  return file.size === 0 ? 'an empty file, which is a mask' : 'a regular file';
}

function unitFiles(unit: StackUnit, { trees, directories }: AuditFacts): readonly AuditFinding[] {
  const found: AuditFinding[] = [];
  const [effective, ...others] = unit.files;
  for (const file of unit.files) {
    const tree = treeFor(file, trees);
    if (tree === undefined) continue;
    if (tree.leaves.has(file.name) && isDeclared(file, tree)) continue;
    const should = tree.leaves.has(file.name)
      ? `not the link of ${tree.owner}'s current generation`
      : unit.declaredBy.length === 0
        ? `which no generation of ${tree.owner} declares`
        : `which ${tree.owner} does not declare`;
    found.push(finding(unit, 'critical', file.path, `is ${whatItIs(file)}, ${should}`));
  }
  // Without an owner's generation to compare with, a mask and a link to nowhere still run nothing.
  if (effective !== undefined && treeFor(effective, trees) === undefined) {
    if (effective.dangling || effective.kind === 'directory')
      found.push(finding(unit, 'critical', effective.path, `is ${whatItIs(effective)}`));
    else if (effective.real === '/dev/null' || (effective.kind === 'file' && effective.size === 0))
      found.push(finding(unit, 'critical', effective.path, `is ${whatItIs(effective)}`));
  }
  if (unit.declaredBy.length > 1)
    found.push(
      finding(
        unit,
        'critical',
        unit.name,
        `has two owners: ${unit.declaredBy.map(({ owner }) => owner).join(' and ')}`,
      ),
    );
  const home = unit.declaredBy[0]?.directory;
  if (effective !== undefined && home !== undefined && effective.directory !== home && directories.includes(home))
    found.push(finding(unit, 'critical', effective.path, `shadows the unit that ${unit.owner} has in ${home}`));
  for (const other of others)
    if (home === undefined || other.directory !== home)
      found.push(
        finding(
          unit,
          'warning',
          other.path,
          `is a second unit of this name, hidden by ${effective?.path ?? 'another'}`,
        ),
      );
  return found;
}

/** What the owner's generation has for a unit and the directory has not. */
function declaredOnly(unit: StackUnit, { files }: AuditFacts): readonly AuditFinding[] {
  return unit.declaredBy.flatMap(tree =>
    [...tree.leaves.keys()]
      .filter(leaf => leaf === unit.name || leaf.endsWith(`/${unit.name}`) || leaf.startsWith(`${unit.name}.d/`))
      .filter(leaf => !files.some(file => file.directory === tree.directory && file.name === leaf))
      .map(leaf =>
        finding(
          unit,
          leaf === unit.name ? 'critical' : 'warning',
          `${tree.directory}/${leaf}`,
          `is missing, though ${tree.owner}'s current generation has it`,
        ),
      ),
  );
}

function wanted(unit: StackUnit, { trees }: AuditFacts): readonly AuditFinding[] {
  const found: AuditFinding[] = [];
  for (const link of unit.wants) {
    const tree = treeFor(link, trees);
    const isFine = tree === undefined ? !link.dangling : tree.leaves.has(link.name) && isDeclared(link, tree);
    if (!isFine)
      found.push(
        finding(
          unit,
          'warning',
          link.path,
          `is ${whatItIs(link)}${tree === undefined ? '' : `, not that of ${tree.owner}'s current generation`}`,
        ),
      );
  }
  const isMeant = unit.everySetting.some(
    ({ key, value }) => (key === 'WantedBy' || key === 'RequiredBy') && value !== '',
  );
  const isActive = property(unit.loaded, 'ActiveState') === 'active';
  const isKnown = unit.declaredBy.some(({ leaves }) => [...leaves.keys()].some(leaf => leaf.endsWith(`/${unit.name}`)));
  // What the owner's generation lacks is told above, link by link.
  if (isMeant && isActive && unit.wants.length === 0 && !isKnown && unit.owner !== 'generator')
    found.push(finding(unit, 'warning', unit.name, 'runs, but is not enabled: it will not start after a boot'));
  return found;
}

function extended(unit: StackUnit, { trees }: AuditFacts): readonly AuditFinding[] {
  return unit.dropIns
    .filter(file => file.kind !== 'directory' && !isFine(file))
    .map(file =>
      finding(
        unit,
        file.dangling ? 'warning' : 'critical',
        file.path,
        file.kind === 'link' ? `extends it, and is ${whatItIs(file)}` : 'extends it, and nobody has declared that',
      ),
    );

  function isFine(file: UnitFile): boolean {
    const tree = treeFor(file, trees);
    if (tree?.leaves.has(file.name)) return isDeclared(file, tree);
    // What packages, generators and other parts of a Nix system bring along.
    if (file.directory.startsWith('/usr/') || /\/generator(?:\.\w+)?$/.test(file.directory)) return true;
    if (tree === undefined && !file.dangling && file.real.startsWith('/nix/store/')) return true;
    // A unit that was made by hand is extended by hand.
    return unit.owner === 'hand' && !file.dangling && !isPassing(file);
  }
}

/** Directories of what systemctl itself writes, and of what goes with the runtime directory. */
const isPassing = ({ directory }: UnitFile): boolean =>
  directory.startsWith('/run/') || directory.endsWith('/user.control');
