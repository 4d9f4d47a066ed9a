import type { Claim, Levers } from '../../../../models/host.ts';
import type { Deployment } from '../../deployment.ts';
import { spokenIn } from '../../scope.ts';
import { handling } from './container.ts';
import { faultLever, isMachineEnd, type MachineEnd } from './fault.ts';
import { addingContainer, orphaningTimer } from './foreign-container.ts';
import { healing } from './health.ts';
import type { Lever } from './lever.ts';
import { placing } from './place.ts';
import { podmanByHand } from './podman.ts';
import { rebuilding, rollingBack, updateLever, updatesIn } from './profile.ts';
import { onlyOtherFailed, rebuildingIn, rollingBackInterrupted } from './rebuild-mode.ts';
import { deletingTag, publishing, running } from './registry.ts';
import { handingSecret } from './secret.ts';
import { shelling } from './shell.ts';
import { managing, systemctlOf } from './systemctl.ts';

/** The claim of a lever, and all that it printed on standard output. */
export interface Pulled {
  readonly claim: Claim;
  readonly stdout: string;
}

/** The levers of a real machine. Each is one call, except those that end the machine. */
export function leversOver(
  deployment: Deployment,
  pull: (lever: Lever) => Promise<Pulled>,
  end: (how: MachineEnd) => Promise<Claim>,
): Levers {
  const claimed = async (lever: Lever): Promise<Claim> => (await pull(lever)).claim;
  const spoken = spokenIn(deployment);
  return {
    async rebuild(declaration, mode = 'plain') {
      const lever =
        mode === 'plain' ? rebuilding(deployment, declaration) : rebuildingIn(mode, deployment, declaration);
      const { claim: said, stdout } = await pull(lever);
      const claim = mode === 'plain' || mode === 'interrupted' ? said : { ...said, commands: 2 };
      if (mode !== 'beside-update') return claim;
      return { ...claim, ...updatesIn(stdout), ...(onlyOtherFailed(stdout) && { failed: 'update' as const }) };
    },
    rollback: interruptedFor =>
      claimed(
        interruptedFor === undefined ? rollingBack(deployment) : rollingBackInterrupted(deployment, interruptedFor),
      ),
    systemctl: (verb, unit) => claimed(systemctlOf(spoken, verb, unit)),
    manager: action => claimed(managing(action, deployment.operator)),
    place: async (path, what) => claimed(placing(deployment, path, what)),
    container: async (action, stack, service) => claimed(handling(deployment, action, stack, service)),
    addContainer: async (kind, stack) => claimed(addingContainer(deployment, kind, stack)),
    podman: async what => claimed(podmanByHand(deployment, what)),
    orphanTimer: () => claimed(orphaningTimer(spoken)),
    health: (stack, service, state) => claimed(healing(stack, service, state)),
    publish: async (tag, version) =>
      claimed(version === null ? deletingTag(deployment, tag) : publishing(deployment, tag, version)),
    registry: async action => claimed(running(deployment, action)),
    machine: fault => (isMachineEnd(fault) ? end(fault) : claimed(faultLever(fault, deployment.operator, spoken))),
    async autoUpdate(how = 'command') {
      const { claim, stdout } = await pull(updateLever(deployment, how));
      return { ...claim, ...updatesIn(stdout) };
    },
    shell: (line, as) => claimed(shelling(line, as)),
    secret: (name, state) => claimed(handingSecret(deployment, name, state)),
  };
}
