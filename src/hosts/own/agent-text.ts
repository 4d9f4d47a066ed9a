import { readFileSync } from 'node:fs';
import { beside } from '../lab/register/paths.ts';

/**
 * The agent of lab machines as it is sent to a machine of somebody's own, which need not have bash in /bin, and where ssh
 * may have begun no session of logind that names the runtime directory.
 * @param runtime whether whoever it speaks for has a user manager
 */
export function agentText(runtime: boolean): string {
  const text = readFileSync(beside('agent.pl'), 'utf8').replaceAll("'/bin/bash'", "'bash'");
  const setting = `$ENV{XDG_RUNTIME_DIR} = "/run/user/$<";
$ENV{DBUS_SESSION_BUS_ADDRESS} = "unix:path=$ENV{XDG_RUNTIME_DIR}/bus";
`;
  return runtime ? text.replace(/^chdir\(/m, `${setting}chdir(`) : text;
}
