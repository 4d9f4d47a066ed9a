import { homelab } from './homelab.ts';
import type { ComposeProject, ProjectService } from './machine/compose-project.ts';
import { ownStack } from './machine/own-stack.ts';
import type { ModelConfig } from './world.ts';

/** A service that declares almost nothing. */
const plain: ProjectService = {
  tag: 'v1',
  hasHealthcheck: false,
  restart: 'no',
  autoUpdate: false,
  command: null,
  environment: {},
  labels: {},
  user: null,
  workingDir: null,
  hostname: null,
  ports: [],
  mounts: [],
  networks: ['default'],
  networkMode: null,
  configs: {},
  dependsOn: {},
  profiles: [],
  pull: 'missing',
  ends: null,
  rest: {},
};

const network = { internal: false, subnet: null, external: false, name: null };

/** An operator's own compose file with one of each thing that such files declare; for tests. */
export const media: ComposeProject = {
  profiles: ['debug'],
  networks: { default: network, back: { ...network, internal: true } },
  volumes: { data: { driverOpts: {}, external: false, name: null } },
  configs: { site: 'greeting = hello\n' },
  services: {
    db: {
      ...plain,
      hasHealthcheck: true,
      environment: { LOG_LEVEL: 'info' },
      mounts: [{ type: 'volume', source: 'data', target: '/data', readOnly: false }],
      networks: ['back'],
    },
    migrate: { ...plain, ends: 0, networks: ['back'], dependsOn: { db: 'service_healthy' } },
    app: {
      ...plain,
      tag: 'stable',
      autoUpdate: true,
      command: ['serve', '--port', '80'],
      labels: { 'example.role': 'web' },
      ports: [{ address: '127.0.0.1', published: 18080, target: 80, protocol: 'tcp' }],
      networks: ['default', 'back'],
      configs: { site: '/etc/site.conf' },
      dependsOn: { db: 'service_started', migrate: 'service_completed_successfully' },
    },
    vpn: { ...plain, environment: { LOG_LEVEL: 'info' } },
    client: { ...plain, networks: [], networkMode: 'service:vpn', dependsOn: { vpn: 'service_started' } },
    shell: { ...plain, profiles: ['debug'] },
  },
};

/** The homelab of the other tests with that stack in it, and nothing else. */
export const ownHomelab: ModelConfig = {
  ...homelab,
  declaration: { revision: 1, stacks: { media: { revision: 1, ...ownStack('media', media) } } },
};
