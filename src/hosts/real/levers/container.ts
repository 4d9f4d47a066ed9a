import type { Handling } from '../../../../models/host.ts';
import { type Deployment, siteOf } from '../../deployment.ts';
import { quoted } from '../../transport/quote.ts';
import { type Lever, patient } from './lever.ts';

/** Do something by hand to every container of a service, found by the labels that both providers give it (facts.md F50). */
export const handling = (
  deployment: Pick<Deployment, 'site'>,
  action: Handling,
  stack: string,
  service: string,
): Lever => ({
  title: `${titles[action]} (${stack}/${service})`,
  as: 'operator',
  timeoutMs: patient,
  kind: 'claim',
  script: `${containerIdsOf(stack, service)}
image=${quoted(siteOf(deployment).image)}
${deeds[action]}`,
});

const titles: Readonly<Record<Handling, string>> = {
  stop: 'podman stop -t 2',
  remove: 'podman rm -f -t 2',
  kill: 'SIGKILL to the payload',
  'kill-conmon': 'SIGKILL to conmon',
  'kill-both': 'SIGKILL to conmon and payload',
  rename: 'podman rename',
  relabel: 'podman run, in place of the container, with another unit label',
};

/** Bash: the ids of a service's containers in $ids. */
export const containerIdsOf = (stack: string, service: string): string => {
  const label = (key: string, value: string) => `--filter ${quoted(`label=com.docker.compose.${key}=${value}`)}`;
  return `ids=$(podman ps -aq ${label('project', stack)} ${label('service', service)}) || exit
[ -n "$ids" ] || { echo ${quoted(`no container of ${stack}/${service}`)} >&2; exit 1; }
name=${quoted(`${stack}-${service}`)}`;
};

const payload = `payload=$(podman inspect -f '{{.State.Pid}}' $ids) || exit`;
const conmon = `conmon=$(podman inspect -f '{{.State.ConmonPid}}' $ids) || exit`;
const gone = (pid: string) => `while [ -e "/proc/$${pid}" ]; do sleep 0.05; done`;

/** One line for each option of podman run that would make the same container again, and for its image. */
const template = [
  '{{range $k, $v := .Config.Labels}}--label={{$k}}={{$v}}{{println}}{{end}}',
  '{{range .Config.Env}}--env={{.}}{{println}}{{end}}',
  '{{range $k, $v := .NetworkSettings.Networks}}--network={{$k}}{{println}}{{end}}',
  '--name={{.Name}}{{println}}{{.ImageName}}',
].join('');

const deeds: Readonly<Record<Handling, string>> = {
  stop: 'exec podman stop -t 2 $ids',
  remove: 'exec podman rm -f -t 2 $ids',
  // Waits until podman has cleaned up, or has started it again by its restart policy; a unit of its own removes the container.
  kill: `${payload}
kill -KILL "$payload"
${gone('payload')}
while is=$(podman inspect -f '{{.State.Status}} {{.State.Pid}}' $ids 2>/dev/null) && [ "$is" = "running $payload" ]; do sleep 0.05; done`,
  'kill-conmon': `${conmon}
kill -KILL "$conmon"
${gone('conmon')}`,
  'kill-both': `${payload}
${conmon}
kill -KILL "$conmon" "$payload"
${gone('conmon')}
${gone('payload')}`,
  rename: 'exec podman rename $ids "$name-renamed"',
  // All that compose gave it, except the label, the restart policy and the healthcheck; its version is that of the image.
  relabel: `set -o pipefail
made=$(podman inspect -f '${template}' $ids) || exit
kept=$(grep -v -e '^--label=PODMAN_SYSTEMD_UNIT=' -e '^--label=stackfuzz.version=' <<< "$made" |
  grep -e '^--label=' -e '^--network=' -e '^--name=' -e '^--env=GREETING=' -e '^--env=STACK_MARKER=' -e "^$image[:@]") || exit
mapfile -t options <<< "$kept"
options=(--label=PODMAN_SYSTEMD_UNIT=another.service "\${options[@]}")
podman rm -f -t 2 $ids >/dev/null || exit
unset PODMAN_SYSTEMD_UNIT
exec podman run -d "\${options[@]}"`,
};
