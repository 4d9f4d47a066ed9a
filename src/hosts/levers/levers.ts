import { type Claim, type Levers, Sick } from '../../../models/host.ts';
import type { Setting } from '../setting.ts';
import { handling } from './container.ts';
import type { Lever } from './lever.ts';
import { placing } from './place.ts';
import { couldNotWrite, rebuilding, rollingBack, updatesIn, updating } from './profile.ts';
import { publishing } from './publish.ts';
import { handingSecret } from './secret.ts';
import { managing, userSystemctl } from './systemctl.ts';

/** A lever's claim, and all that it printed on standard output. */
export interface Pulled {
  readonly claim: Claim;
  readonly stdout: string;
}

/** The levers of a real machine, each pulled by one call. */
export function leversOver(setting: Setting, pull: (lever: Lever) => Promise<Pulled>): Levers {
  const claimed = async (lever: Lever): Promise<Claim> => (await pull(lever)).claim;
  return {
    async rebuild(declaration) {
      const claim = await claimed(rebuilding(setting, declaration));
      if (claim.status === couldNotWrite) throw new Sick(`the declaration could not be written: ${claim.message}`);
      return claim;
    },
    rollback: () => claimed(rollingBack(setting)),
    systemctl: (verb, unit) => claimed(userSystemctl(verb, unit)),
    manager: action => claimed(managing(action, setting.operator)),
    place: async (path, what) => claimed(placing(setting, path, what)),
    container: (action, stack, service) => claimed(handling(action, stack, service)),
    publish: (tag, version) => claimed(publishing(tag, version)),
    async autoUpdate() {
      const { claim, stdout } = await pull(updating(setting));
      return { ...claim, updates: updatesIn(stdout) };
    },
    secret: (name, present) => claimed(handingSecret(setting, name, present)),
  };
}
