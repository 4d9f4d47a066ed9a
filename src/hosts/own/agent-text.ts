import { readFileSync } from 'node:fs';
import { beside } from '../lab/register/paths.ts';

/**
 * The agent of lab machines, in the form in which it is sent to a machine of one's own: there bash need not be /bin/bash, and a
 * login over ssh need not have a logind session that sets the runtime directory.
 * @param runtime whether the user that it runs as has a user manager
 */
export function agentText(runtime: boolean): string {
  const text = readFileSync(beside('agent.pl'), 'utf8').replaceAll("'/bin/bash'", "'bash'");
  const setting = `$ENV{XDG_RUNTIME_DIR} = "/run/user/$<";
$ENV{DBUS_SESSION_BUS_ADDRESS} = "unix:path=$ENV{XDG_RUNTIME_DIR}/bus";
`;
  return runtime ? text.replace(/^chdir\(/m, `${setting}chdir(`) : text;
}
