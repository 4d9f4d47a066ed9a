import type { ComposeProject, ProjectService } from '../../models/machine/compose-project.ts';
import { media } from '../../models/own-homelab.ts';

const part = (name: string): ProjectService => {
  const service = media.services[name];
  if (service === undefined) throw new Error(`media has no ${name}`);
  return service;
};
const network = { internal: false, subnet: null, external: false, name: null };
const volume = { driverOpts: {}, external: false, name: null };

/**
 * The project `media` with everything that a service can declare, as in the recorded looks own-docker-compose and
 * own-podman-compose. With podman-compose it has no job, which would keep the services that wait for it from starting, and no
 * config, which podman-compose does not know.
 */
export const wide = (provider: string): ComposeProject => {
  const { migrate, ...others } = media.services;
  const app = part('app');
  const knowsAll = provider === 'docker-compose';
  return {
    ...media,
    configs: knowsAll ? media.configs : {},
    networks: { default: network, back: { ...network, internal: true, subnet: '10.77.5.0/24' } },
    volumes: {
      ...media.volumes,
      cache: { ...volume, driverOpts: { type: 'tmpfs', device: 'tmpfs', o: 'size=1m' } },
      named: { ...volume, name: 'shared-named' },
    },
    services: {
      ...(knowsAll ? media.services : others),
      app: knowsAll ? app : { ...app, configs: {}, dependsOn: { db: 'service_started' } },
      db: {
        ...part('db'),
        user: '1000:1000',
        workingDir: '/bin',
        hostname: 'database',
        environment: { LOG_LEVEL: 'a=b c $HOME', EMPTY: '', QUOTE: `it's "x"` },
        mounts: [
          ...part('db').mounts,
          { type: 'volume', source: '', target: '/anon', readOnly: false },
          { type: 'tmpfs', source: '', target: '/scratch', readOnly: false },
          { type: 'volume', source: 'cache', target: '/cache', readOnly: false },
          { type: 'volume', source: 'named', target: '/named', readOnly: true },
        ],
        ports: [
          { address: '127.0.0.1', published: 18081, target: 81, protocol: 'tcp' },
          { address: '', published: 18082, target: 82, protocol: 'udp' },
        ],
        networks: ['back', 'default'],
      },
      vpn: {
        ...part('vpn'),
        environment: {},
        labels: { 'a.b': 'x y $z', 'traefik.http.routers.x.rule': 'Host(`a`)' },
        ports: [{ address: '', published: 18083, target: 8080, protocol: 'tcp' }],
        rest: { read_only: true, cap_drop: ['ALL'] },
      },
      shell: {
        ...part('shell'),
        networks: [],
        networkMode: 'none',
        mounts: [{ type: 'bind', source: '/home/homelab/media', target: '/m', readOnly: true }],
      },
    },
  };
};
