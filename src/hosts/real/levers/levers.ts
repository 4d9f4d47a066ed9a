import type { Claim, Levers } from '../../../../models/host.ts';
import type { Setting } from '../../setting.ts';
import { handling } from './container.ts';
import { healing } from './health.ts';
import { intruding, orphaningTimer } from './intruder.ts';
import type { Lever } from './lever.ts';
import { rebuildingIn } from './manner.ts';
import { befalling } from './mishap.ts';
import { placing } from './place.ts';
import { rebuilding, rollingBack, updatesIn, updating } from './profile.ts';
import { publishing, running, takingOut } from './registry.ts';
import { handingSecret } from './secret.ts';
import { managing, userSystemctl } from './systemctl.ts';

/** A lever's claim, and all that it printed on standard output. */
export interface Pulled {
  readonly claim: Claim;
  readonly stdout: string;
}

/** The levers of a real machine, each pulled by one call; a reboot is none of them. */
export function leversOver(
  setting: Setting,
  pull: (lever: Lever) => Promise<Pulled>,
  reboot: () => Promise<Claim>,
): Levers {
  const claimed = async (lever: Lever): Promise<Claim> => (await pull(lever)).claim;
  return {
    async rebuild(declaration, manner = 'plain') {
      const lever = manner === 'plain' ? rebuilding(setting, declaration) : rebuildingIn(manner, setting, declaration);
      const { claim, stdout } = await pull(lever);
      return manner === 'beside-update' ? { ...claim, updates: updatesIn(stdout) } : claim;
    },
    rollback: () => claimed(rollingBack(setting)),
    systemctl: (verb, unit) => claimed(userSystemctl(verb, unit)),
    manager: action => claimed(managing(action, setting.operator)),
    place: async (path, what) => claimed(placing(setting, path, what)),
    container: (action, stack, service) => claimed(handling(action, stack, service)),
    intruder: (kind, stack) => claimed(intruding(kind, stack)),
    orphanTimer: () => claimed(orphaningTimer()),
    health: (stack, service, state) => claimed(healing(stack, service, state)),
    publish: (tag, version) => claimed(version === null ? takingOut(tag) : publishing(tag, version)),
    registry: action => claimed(running(action)),
    machine: mishap => (mishap === 'reboot' ? reboot() : claimed(befalling(mishap, setting.operator))),
    async autoUpdate(how = 'command') {
      const { claim, stdout } = await pull(updating(setting, how));
      return { ...claim, updates: updatesIn(stdout) };
    },
    secret: (name, state) => claimed(handingSecret(setting, name, state)),
  };
}
