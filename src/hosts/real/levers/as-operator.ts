import { type Operator, runtimeOf } from '../../paths.ts';
import { quoted } from '../../transport/quote.ts';
import { unprepared } from './lever.ts';

/** Bash: a script run by root, or by the operator, as the operator would run it. */
export const asOperator = (operator: Operator, script: string): string =>
  [
    `gid=$(id -g ${quoted(operator.name)}) || exit ${unprepared}\nbecome=()`,
    `\n[ "$EUID" != 0 ] || become=(setpriv --reuid ${operator.uid} --regid "$gid" --init-groups)\n`,
    `"\${become[@]}" env -i PATH="$PATH" LANG=C.UTF-8 SHELL=/bin/bash HOME=${quoted(operator.home)} USER=${quoted(operator.name)}`,
    `LOGNAME=${quoted(operator.name)}`,
    // Root has neither, as the operator of what the system runs.
    ...(operator.uid === 0
      ? []
      : [`XDG_RUNTIME_DIR=${runtimeOf(operator)} DBUS_SESSION_BUS_ADDRESS=unix:path=${runtimeOf(operator)}/bus`]),
    `bash -c ${quoted(script)}`,
  ].join(' ');
