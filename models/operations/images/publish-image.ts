import { broken } from '../../machine/declaration.ts';
import { operation } from '../../operation.ts';
import type { World } from '../../world.ts';

/** Somebody pushes another build of the image, or one that cannot run, under the tag `stable`. No machine is told. */
export default operation<{ version: string }>({
  kind: 'drift',
  needs: ['publish'],
  weight: 2,
  describe: ({ version }) => `push ${version} to the registry as stable`,
  choices: world => others(world).map(version => ({ version })),
  allowed: (world, { version }) => others(world).includes(version),
  apply: (host, { version }) => host.publish('stable', version),
  expected: (world, { version }) => ({ ...world, registry: { ...world.registry, stable: version } }),
});

const others = ({ setup, registry, registryUp }: World): readonly string[] =>
  registryUp ? [...setup.versions, broken].filter(version => version !== registry.stable) : [];
