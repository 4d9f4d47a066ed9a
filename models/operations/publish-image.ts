import { operation } from '../operation.ts';

/** Somebody pushes another build of the image under the tag `stable`. The machine hears nothing of it. */
export default operation<{ version: string }>({
  kind: 'drift',
  weight: 2,
  describe: ({ version }) => `push ${version} to the registry as stable`,
  choices: ({ setup, registry }) =>
    setup.versions.filter(version => version !== registry.stable).map(version => ({ version })),
  allowed: ({ setup, registry }, { version }) => setup.versions.includes(version) && registry.stable !== version,
  apply: (host, { version }) => host.publish('stable', version),
  expected: (world, { version }) => ({ ...world, registry: { ...world.registry, stable: version } }),
});
