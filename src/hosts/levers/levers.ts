import { type Claim, type Levers, Sick, Unable } from '../../../models/host.ts';
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
    async rebuild(declaration, manner = 'plain') {
      if (manner !== 'plain') throw new Unable(`no rebuild ${manner} yet`);
      const claim = await claimed(rebuilding(setting, declaration));
      if (claim.status === couldNotWrite) throw new Sick(`the declaration could not be written: ${claim.message}`);
      return claim;
    },
    rollback: () => claimed(rollingBack(setting)),
    systemctl: (verb, unit) => claimed(userSystemctl(verb, unit)),
    manager: action => claimed(managing(action, setting.operator)),
    place: async (path, what) => claimed(placing(setting, path, what)),
    async container(action, stack, service) {
      if (action !== 'stop' && action !== 'remove') throw new Unable(`no ${action} yet`);
      return claimed(handling(action, stack, service));
    },
    async intruder(kind) {
      throw new Unable(`no intruder ${kind} yet`);
    },
    async orphanTimer() {
      throw new Unable('no orphan timer yet');
    },
    async health() {
      throw new Unable('no health yet');
    },
    async publish(tag, version) {
      if (version === null) throw new Unable('no taking out of a tag yet');
      return claimed(publishing(tag, version));
    },
    async registry() {
      throw new Unable('no stopping of the registry yet');
    },
    async machine(mishap) {
      throw new Unable(`no ${mishap} yet`);
    },
    async autoUpdate(how = 'command') {
      if (how !== 'command') throw new Unable(`no update by ${how} yet`);
      const { claim, stdout } = await pull(updating(setting));
      return { ...claim, updates: updatesIn(stdout) };
    },
    secret: (name, state) => claimed(handingSecret(setting, name, state)),
  };
}
