/** How much of a run's evidence travels with an entry. */
const bound = 256 * 1024;

/** Values whose names say that they are secret: `DB_PASSWORD=…`, `"token": "…"`. */
const named =
  /((?:pass(?:word|wd|phrase)|token|api_?key|private_?key|credentials?)\w*["']?\s*[=:]\s*)(["']?)[^\s"',;]+\2/gi;
/** `secret: web` is a name, as operations have it; `SECRET=…` is a value. */
const assigned = /(secret\w*=)[^\s"',;]+/gi;
const bearer = /(authorization:\s*\w+\s+)\S+/gi;
/** Bounded on every side: a journal has very long words, and \w+ would look at each of them from every letter. */
const inAddress = /(:\/\/[^\s/:@]{1,64}:)[^\s/@]{1,256}@/g;

/**
 * Evidence as it is kept: bounded, with what looks like a secret taken out. The machine has taken out its own secrets
 * already; this is the second look, before a text is shared.
 */
export function keptEvidence(text: string): string {
  return bounded(
    text
      .replace(named, '$1[redacted]')
      .replace(assigned, '$1[redacted]')
      .replace(bearer, '$1[redacted]')
      .replace(inAddress, '$1[redacted]@'),
  );
}

/** Keeps the beginning, and three times as much of the end, where the failure is. */
function bounded(text: string): string {
  if (text.length <= bound) return text;
  const head = text.slice(0, bound / 4);
  const tail = text.slice(-(bound / 4) * 3);
  const dropped = text.length - head.length - tail.length;
  return `${head}\n… ${dropped} characters left out here …\n${tail}`;
}
