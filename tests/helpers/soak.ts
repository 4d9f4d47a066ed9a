import type { Step } from '../../models/operation.ts';

const step = (operation: string, args: Step['args'] = {}): Step => ({ operation, args });

/**
 * For tests: short sequences after which a soak of `hardened` on the simulator once showed a gap in the model. Lab machines do
 * them too, in tests/lab/hardened.lab.test.ts.
 */
export const soaked: Readonly<Record<string, readonly Step[]>> = {
  'a property that is set again': [
    step('set-property', { stack: 'web' }),
    step('take-away-drift', {
      stack: 'web',
      path: '~/.config/systemd/user.control/web-stack.service.d/50-CPUWeight.conf',
    }),
    step('set-property', { stack: 'web' }),
  ],
  'a drop-in that the manager has no cause to look for': [
    step('replace-wants-link', { stack: 'web', by: 'identical' }),
    step('daemon-reexec'),
    step('add-drop-in', { stack: 'web', directory: '~/.config/systemd/user.control' }),
    step('stop', { stack: 'web' }),
  ],
  'the same after linger was off and on': [
    step('linger-off'),
    step('replace-wants-link', { stack: 'web', by: 'identical' }),
    step('linger-on'),
    step('add-drop-in', { stack: 'web', directory: '~/.config/systemd/user.control' }),
  ],
  'a change elsewhere by which it looks around': [
    step('disable', { stack: 'duo' }),
    step('mask-force', { stack: 'duo' }),
    step('reboot'),
    step('shadow-unit', { stack: 'duo', directory: '~/.config/systemd/user.control' }),
    step('add-drop-in', { stack: 'web', directory: '~/.config/systemd/user' }),
  ],
  'a failed unit that is forgotten': [
    step('add-drop-in', { stack: 'web', directory: '~/.config/systemd/user' }),
    step('edit-unit', { stack: 'web', directory: '~/.config/systemd/user' }),
    step('restart', { stack: 'web' }),
    step('disable', { stack: 'web' }),
    step('add-drop-in', { stack: 'web', directory: '~/.config/systemd/user.control' }),
    step('reset-failed', { stack: 'web' }),
  ],
  'a link to a shadow that goes and comes back': [
    step('shadow-unit', { stack: 'duo', directory: '~/.config/systemd/user.control' }),
    step('enable', { stack: 'duo' }),
    step('take-away-drift', { stack: 'duo', path: '~/.config/systemd/user.control/duo-stack.service' }),
    step('shadow-unit', { stack: 'duo', directory: '~/.config/systemd/user.control' }),
  ],
  'a shadow that is found by a change elsewhere': [
    step('replace-wants-link', { stack: 'web', by: 'identical' }),
    step('reboot'),
    step('shadow-unit', { stack: 'web', directory: '~/.config/systemd/user.control' }),
    step('add-drop-in', { stack: 'web', directory: '~/.config/systemd/user' }),
  ],
  'a shadow that the manager believes in is taken away': [
    step('replace-wants-link', { stack: 'web', by: 'identical' }),
    step('reboot'),
    step('shadow-unit', { stack: 'web', directory: '~/.config/systemd/user.control' }),
    step('daemon-reload'),
    step('take-away-drift', { stack: 'web', path: '~/.config/systemd/user.control/web-stack.service' }),
  ],
  'an image that a failed start has pulled': [
    step('remove-secret', { secret: 'web' }),
    step('set-healthcheck', { stack: 'duo', service: 'db', healthcheck: 'failing' }),
    step('change-everything', { tag: 'v2', greeting: 'goodbye' }),
    step('restore-secret', { secret: 'web' }),
    step('stop-registry'),
    step('rebuild'),
  ],
  'a unit in error that a failing rebuild starts': [
    step('set-healthcheck', { stack: 'duo', service: 'db', healthcheck: 'failing' }),
    step('disable', { stack: 'web' }),
    step('kill-conmon', { stack: 'web', service: 'app' }),
    step('replace-unit', { stack: 'web', by: 'identical' }),
    step('rebuild'),
  ],
  'a container that may run without its secret': [
    step('set-restart-policy', { stack: 'web', service: 'app', restart: 'always' }),
    step('kill', { stack: 'web' }),
    step('remove-secret', { secret: 'web' }),
    step('rebuild'),
  ],
  'an older definition that the manager has loaded, and a rollback to it that fails': [
    step('move-secret-path', { stack: 'duo', from: 'duo', to: 'duo-moved' }),
    step('undeclare-env-file', { stack: 'duo', secret: 'duo-moved' }),
    step('replace-unit', { stack: 'duo', by: 'stale' }),
    step('daemon-reexec'),
    step('rollback'),
  ],
  'an older definition that the manager has loaded, and a rollback to it': [
    step('undeclare-env-file', { stack: 'web', secret: 'web' }),
    step('replace-unit', { stack: 'web', by: 'stale' }),
    step('daemon-reexec'),
    step('rollback'),
  ],
  'a unit in error that a rollback cannot start': [
    step('add-stack', { stack: 'extra' }),
    step('disable', { stack: 'web' }),
    step('remove-secret', { secret: 'web' }),
    step('replace-unit', { stack: 'web', by: 'stale' }),
    step('rollback'),
  ],
  'a stack that is gone, whose unit is asked for': [
    step('remove-stack', { stack: 'web' }),
    step('replace-wants-link', { stack: 'duo', by: 'identical' }),
    step('daemon-reexec'),
    step('replace-unit', { stack: 'duo', by: 'dangling' }),
    step('shadow-unit', { stack: 'duo', directory: '~/.config/systemd/user.control' }),
    step('stop', { stack: 'duo' }),
  ],
  'a failed unit that cannot be loaded': [
    step('declare-env-file', { stack: 'web', secret: 'web-extra' }),
    step('disable', { stack: 'web' }),
    step('edit-unit', { stack: 'web', directory: '~/.config/systemd/user' }),
    step('try-restart', { stack: 'web' }),
  ],
  'the network of a stack for which nothing speaks, and the manager is down': [
    step('disable', { stack: 'web' }),
    step('remove-container', { stack: 'web', service: 'app' }),
    step('linger-off'),
  ],
  'the network of a stack for which nothing speaks': [
    step('disable', { stack: 'web' }),
    step('stop', { stack: 'web' }),
    step('remove-container', { stack: 'web', service: 'app' }),
    step('daemon-reload'),
  ],
  'the network of a stack that could not start, and the manager is down': [
    step('set-healthcheck', { stack: 'web', service: 'app', healthcheck: 'failing' }),
    step('disable', { stack: 'web' }),
    step('linger-off'),
  ],
  'a container of which podman lost hold, removed in vain, and a tag that is gone': [
    step('delete-tag'),
    step('kill-conmon', { stack: 'web', service: 'app' }),
    step('remove-container', { stack: 'web', service: 'app' }),
    step('stop', { stack: 'duo' }),
    step('auto-update'),
  ],
  'a container of which podman lost hold, removed in vain, and a newer image': [
    step('kill-conmon', { stack: 'web', service: 'app' }),
    step('publish-image', { version: 'v2' }),
    step('remove-container', { stack: 'web', service: 'app' }),
    step('auto-update'),
  ],
  'a container that may run again, and a tag that is gone': [
    step('delete-tag'),
    step('stop', { stack: 'web' }),
    step('set-restart-policy', { stack: 'duo', service: 'api', restart: 'always' }),
    step('kill', { stack: 'duo' }),
    step('auto-update'),
  ],
  'a container that may run again, a newer image, and another stack that starts with what the tag means since': [
    step('publish-image', { version: 'v2' }),
    step('set-restart-policy', { stack: 'web', service: 'app', restart: 'always' }),
    step('kill', { stack: 'duo' }),
    step('kill', { stack: 'web' }),
    step('auto-update'),
    step('rebuild'),
  ],
  'a rollback to what cannot run, which a hand had the manager load before': [
    step('change-image-tag', { stack: 'web', service: 'app', tag: 'broken' }),
    step('change-everything', { tag: 'v1', greeting: 'goodbye' }),
    step('replace-unit', { stack: 'web', by: 'stale' }),
    step('daemon-reexec'),
    step('rollback'),
  ],
  'a stack that is gone, of which only a foreign container is left after a boot': [
    step('remove-secret', { secret: 'web' }),
    step('remove-stack', { stack: 'web' }),
    step('rollback'),
    step('add-foreign-container', { stack: 'web' }),
    step('disable', { stack: 'web' }),
    step('power-cut'),
    step('rebuild'),
  ],
};
