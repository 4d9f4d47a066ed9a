/** The program with which a line of bash begins; null if its first words do not show it. */
export function programIn(run: string): string | null {
  const words = run.trim().split(/\s+/);
  const first = words.find(word => word !== 'sudo' && !word.startsWith('-') && !/^\w+=/.test(word));
  return first !== undefined && /^[\w./~-]+$/.test(first) ? first : null;
}
