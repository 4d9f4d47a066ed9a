/** An argument as a shell takes it. */
const shellWord = (text: string): string =>
  /^[\w@%+=:,./~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** The line that runs a command again, the way that this process was started. */
export function commandLine(command: 'fuzz' | 'replay' | 'scenario' | 'explore', args: readonly string[]): string {
  const words = args.map(shellWord).join(' ');
  const viaNpm = process.env.npm_lifecycle_event === 'fuzz' && command === 'fuzz';
  return `${viaNpm ? 'npm run fuzz --' : `npx stackfuzz ${command}`} ${words}`.trimEnd();
}
