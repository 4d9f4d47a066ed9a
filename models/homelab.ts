import { plainService } from './machine/additions.ts';
import type { Declaration } from './machine/declaration.ts';
import { debian13 } from './machine/traits.ts';
import type { ModelConfig } from './world.ts';

/** A small homelab for the tests and examples of models/ and properties/: one stack of one service, one of two. */
const declaration: Declaration = {
  revision: 1,
  stacks: {
    web: {
      revision: 1,
      secrets: ['web'],
      services: {
        app: { ...plainService, tag: 'stable', autoUpdate: true, healthcheck: 'passing' },
      },
    },
    duo: {
      revision: 1,
      secrets: ['duo'],
      services: {
        db: plainService,
        api: { ...plainService, tag: 'stable', autoUpdate: true, dependsOn: ['db'] },
      },
    },
  },
};

/** That homelab under Home Manager. */
export const homelab: ModelConfig = {
  owner: '~/.config/systemd/user',
  declaration,
  versions: ['v1', 'v2', 'v3'],
  traits: { ...debian13, containersInUnit: false, ownUnits: false, hasUpdateUnit: false, activatesAtBoot: true },
};
