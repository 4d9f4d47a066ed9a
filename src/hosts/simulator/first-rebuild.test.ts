import { expect, test } from 'vitest';
import { homelab } from '../../../models/homelab.ts';
import { Unstarted } from '../../../models/host.ts';
import { edited, type ServiceDeclaration } from '../../../models/machine/declaration.ts';
import { createSimulator } from './index.ts';
import type { ImitatedProfile } from './profiles/imitations.ts';

/** A machine whose first declaration asks for an image that was never pushed. */
const withoutImage = (profile: ImitatedProfile) => {
  const { declaration } = homelab;
  const missing = edited(declaration, 'web', services => ({
    app: { ...(services.app as ServiceDeclaration), tag: 'missing' },
  }));
  return createSimulator({ setup: { ...homelab, declaration: missing }, provider: 'docker-compose', profile });
};

const failure = (profile: ImitatedProfile): Promise<unknown> =>
  withoutImage(profile)
    .reset()
    .catch((error: unknown) => error);

test('a first rebuild that fails leaves no machine to start from, and is handed on to be judged', async () => {
  const error = await failure('hardened');
  expect(error).toBeInstanceOf(Unstarted);
  expect(error).toMatchObject({ claim: { ok: false, status: 4 }, seen: undefined });
  expect((error as Unstarted).message).toContain('web-stack.service: podman compose up ended with an error');
});

test('neither does one that succeeds, and leaves a stack that does not run', async () => {
  const error = await failure('nixos-etc');
  expect(error).toBeInstanceOf(Unstarted);
  expect(error).toMatchObject({ claim: { ok: true } });
  expect((error as Unstarted).message).toContain('web-stack.service is not active');
  expect((error as Unstarted).seen?.containers['web/app']).toBeUndefined();
});
