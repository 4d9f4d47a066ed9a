/**
 * A text without secrets: the values that the harness knows, and what looks like a credential in any log. What the
 * value was is not kept, that there was one is.
 */
export function redacted(text: string, known: readonly string[] = []): string {
  const hidden = known.filter(value => value.length >= 4).reduce((now, value) => now.replaceAll(value, mark), text);
  return patterns.reduce((now, [pattern, kept]) => now.replace(pattern, kept), hidden);
}

const mark = '[redacted]';

const patterns: readonly (readonly [RegExp, string])[] = [
  // NAME_TOKEN=…, "password": "…", api-key: …
  [
    /((?:password|passwd|passphrase|token|secret|credential|api[_-]?key|private[_-]?key)s?["']?\s*[=:]\s*)(?:"[^"]*"|'[^']*'|[^\s,;"'}]+)/gi,
    `$1${mark}`,
  ],
  [/(authorization:\s*\w+\s+)\S+/gi, `$1${mark}`],
  [/\b(bearer\s+)[\w.~+/-]{8,}=*/gi, `$1${mark}`],
  // scheme://user:password@host
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^/\s:@]+:)[^/\s@]+@/gi, `$1${mark}@`],
  [/-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?-----END \1-----/g, mark],
];
