import { type PodmanDeed, writtenByHand } from '../../../../models/host.ts';
import { builtByHand } from '../../../../models/machine/builds.ts';
import { digestOf, sortedLines } from '../../../../models/machine/compose-project.ts';
import { type Container, fine, type Said, type SimulatedMachine } from '../machine.ts';
import { containerRemoved, containersOf } from './podman.ts';

/** What is done by hand with podman beside the stacks. */
export function doneBeside(machine: SimulatedMachine, what: PodmanDeed): Said {
  if (what.deed === 'prune') return pruned(machine);
  if (what.deed === 'remove-network') return networkRemoved(machine, what.network);
  if (what.deed === 'remove-volume') return volumeRemoved(machine, what.volume);
  if (what.deed === 'tag')
    return tagged(machine, what.tag, what.version, [...machine.images.values()].includes(what.version));
  if (what.deed === 'build') return tagged(machine, what.tag, builtByHand, machine.images.has(what.tag));
  const [container] = containersOf(machine, what.stack, what.service);
  if (container === undefined) return { status: 1, message: `no container of ${what.stack}/${what.service}` };
  if (what.deed === 'write') {
    const line = `config ${what.path} ${digestOf(writtenByHand)}`;
    container.effect = replaced(container.effect, `config ${what.path}`, line);
  } else {
    const line = what.deed === 'connect' ? lineOf(machine, what.network) : null;
    container.settings = replaced(container.settings, `network ${what.network}`, line);
  }
  return fine;
}

/** The lines without those about the same thing, and with the new line. */
const replaced = (text: string, about: string, line: string | null): string =>
  sortedLines([
    ...text.split('\n').filter(one => one !== '' && one !== about && !one.startsWith(`${about} `)),
    ...(line === null ? [] : [line]),
  ]);

/** The line by which the settings of a container show that it is on a network. */
const lineOf = ({ containers }: SimulatedMachine, network: string): string | null =>
  containers
    .flatMap(({ settings }) => settings.split('\n'))
    .find(line => line === `network ${network}` || line.startsWith(`network ${network} `)) ?? null;

const isIdle = ({ state }: Container): boolean => state === 'exited' || state === 'created';

/** `podman system prune -f`, twice: a container that another one requires is removed only after that one. */
function pruned(machine: SimulatedMachine): Said {
  const isRequired = ({ id }: Container): boolean => machine.containers.some(({ requires }) => requires.includes(id));
  for (let gone = true; gone; ) {
    const idle = machine.containers.filter(one => isIdle(one) && !isRequired(one));
    for (const container of idle) containerRemoved(machine, container);
    gone = idle.length > 0;
  }
  const used = new Set(
    machine.containers.flatMap(({ settings }) =>
      settings.split('\n').map(line => line.split(' ').slice(0, 2).join(' ')),
    ),
  );
  machine.resources = new Map([...machine.resources].filter(([key]) => !key.startsWith('network ') || used.has(key)));
  machine.networks = new Map(
    [...machine.networks].filter(([stack, guests]) =>
      machine.containers.some(one => one.stack === stack || guests.has(one.id)),
    ),
  );
  return machine.containers.some(isIdle)
    ? { status: 125, message: 'Error: container has dependent containers which must be removed before it' }
    : fine;
}

/** `podman network rm -f`, twice: each container on it is removed, but not one that another requires. */
function networkRemoved(machine: SimulatedMachine, network: string): Said {
  const stack = network.endsWith('_default') ? network.slice(0, -'_default'.length) : '';
  const isOn = ({ stack: its, settings, handMade }: Container): boolean =>
    settings === ''
      ? its === stack && stack !== '' && !handMade
      : settings.split('\n').some(line => line === `network ${network}` || line.startsWith(`network ${network} `));
  const isRequired = ({ id }: Container): boolean => machine.containers.some(({ requires }) => requires.includes(id));
  for (let tries = 0; tries < 2; tries++) {
    for (const container of machine.containers.filter(isOn)) {
      if (isRequired(container)) break;
      containerRemoved(machine, container);
    }
  }
  if (machine.containers.some(isOn)) {
    return { status: 2, message: 'Error: container has dependent containers which must be removed before it' };
  }
  machine.resources = new Map([...machine.resources].filter(([key]) => key !== `network ${network}`));
  machine.networks = new Map([...machine.networks].filter(([name]) => name !== stack));
  return fine;
}

/** Gives a tag to a build, where what it is given to or made of is there. */
function tagged(machine: SimulatedMachine, tag: string, build: string, isThere: boolean): Said {
  if (!isThere) return { status: 125, message: 'Error: image not known' };
  machine.images = new Map(machine.images).set(tag, build);
  return fine;
}

function volumeRemoved(machine: SimulatedMachine, volume: string): Said {
  const key = `volume ${volume}`;
  const there = machine.resources.get(key);
  if (there === undefined || there.made === null) return { status: 1, message: `Error: no such volume ${volume}` };
  if (machine.containers.some(({ settings }) => settings.includes(` volume ${volume} `))) {
    return { status: 2, message: `Error: volume ${volume} is being used by the following container(s)` };
  }
  machine.resources = new Map(machine.resources).set(key, { ...there, made: null });
  return fine;
}
