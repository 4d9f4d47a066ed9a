import { type Deployment, siteOf } from '../../deployment.ts';
import type { Spoken } from '../../scope.ts';
import { quoted } from '../../transport/quote.ts';
import { type Lever, quick } from './lever.ts';

/** Run a container that no compose file declares. */
export function addingContainer(
  deployment: Pick<Deployment, 'site'>,
  kind: 'foreign' | 'on-network',
  stack: string,
): Lever {
  const labels = [`project=${stack}`, 'service=intruder', 'oneoff=False', 'container-number=1'];
  const options =
    kind === 'foreign'
      ? ['--name', `${stack}-intruder-1`, ...labels.flatMap(label => ['--label', `com.docker.compose.${label}`])]
      : ['--name', `${stack}-holder`, '--network', `${stack}_default`];
  return {
    title: `run a container: ${kind} to ${stack}`,
    as: 'operator',
    timeoutMs: quick,
    kind: 'hand',
    script: `exec podman run -d ${options.map(quoted).join(' ')} ${siteOf(deployment).image}:v1`,
  };
}

/** Leave a health timer, named as podman names its own (facts.md F56), whose container does not exist. */
export const orphaningTimer = ({ flag }: Pick<Spoken, 'flag'>): Lever => ({
  title: 'leave a health timer behind',
  as: 'operator',
  timeoutMs: quick,
  kind: 'hand',
  script: `set -eu -o pipefail
id=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \\n')
exec systemd-run ${flag} --quiet --unit="$id-1f" --on-active=6h podman healthcheck run "$id"`,
});
