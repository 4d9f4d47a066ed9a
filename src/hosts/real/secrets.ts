import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { spareSecrets } from '../../../models/transitions/secrets.ts';
import { namedSecrets, secretValues } from '../../redact.ts';
import type { Deployment } from '../deployment.ts';
import type { Operator } from '../paths.ts';
import { quoted } from '../transport/quote.ts';
import { secretValue } from './secret-text.ts';

/**
 * Values that must not be in anything that leaves a machine: those of the secrets that are made on it, of the env files in the
 * profile's folder, and what the profile declares under a name of a secret. GREETING and the like are no secrets.
 */
export function secretsOf(deployment: Pick<Deployment, 'profile' | 'render'>): readonly string[] {
  const { declaration, directory } = deployment.profile;
  const names = Object.values(declaration.stacks).flatMap(stack => stack.secrets);
  const envFiles = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter(path => /(?:^|[./])env$/.test(path) && isFile(join(directory, path)))
    .map(path => readFileSync(join(directory, path), 'utf8'));
  return [
    ...[...names, ...spareSecrets(declaration)].flatMap(name => [secretValue(name), secretValue(name, 2)]),
    ...envFiles.flatMap(secretValues),
    ...Object.values(deployment.render(declaration)).flatMap(namedSecrets),
  ];
}

/** A dangling link is no file; whether a profile may contain one is checked elsewhere. */
const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/**
 * Bash, as root: prints the env files in the operator's home and among the system's secrets, wherever the profile's commands
 * put them.
 */
export const envFilesScript = ({ home }: Operator): string => `places=()
for place in ${quoted(home)} /run/secrets /etc/stackfuzz; do [ ! -d "$place" ] || places+=("$place"); done
find "\${places[@]}" -maxdepth 4 -path '*/containers/storage' -prune -o \\
  \\( -name '*.env' -o -name .env \\) -xtype f -size -64k -exec sed -s '$a\\' {} + 2> /dev/null | head -c 500000
exit 0`;
