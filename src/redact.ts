/** What stands in place of a secret. That there was one is kept, what it was is not. */
const mark = '[redacted]';

/**
 * A text without secrets. First the values that the harness knows, then what looks like a credential: by its name, by where
 * it stands, by its own shape. Whoever cuts a text does so afterwards: half of a value is known to nobody.
 * @param known values that must not show, as `secretValues` collects them.
 */
export function redacted(text: string, known: readonly string[] = []): string {
  return shapes.reduce((now, shape) => shape(now), withoutValues(text, known));
}

/**
 * The values of env files, as they are written (`NAME=value` lines, with or without quotes): whatever is in one is taken
 * for a secret, but for what says nothing (yes and no, small numbers, what is shorter than four characters) and for what is
 * no secret anywhere and stands in every other line of a journal: users, hosts, places.
 */
export const secretValues = (envFile: string): readonly string[] =>
  [...envFile.matchAll(/^[ \t]*(?:export[ \t]+)?([\w.]+)[ \t]*=[ \t]*(.*?)[ \t]*\r?$/gm)]
    .filter(
      ([, name = '']) => !/(?:^|_)(?:user|username|uid|gid|host|hostname|port|tz|home|path|dir|lang)$/i.test(name),
    )
    .map(([, , value = '']) => value.replace(/^(["'])(.*)\1$/, '$2'))
    .filter(saysSomething);

/**
 * The values in a text of settings (a compose file, a unit) whose names say that they are secret. What else is declared, such
 * as the GREETING of the probes, is what the tests are about, and has to be read in reports.
 */
export const namedSecrets = (settings: string): readonly string[] =>
  [...valuesIn(settings)]
    .map(({ start, end }) => settings.slice(start, end).replace(/^(["'])(.*)\1$/s, '$2'))
    .filter(saysSomething);

const saysSomething = (value: string): boolean =>
  value.length >= 4 && !/^(?:true|false|none|null|auto|enabled|disabled|localhost|\d{1,5})$/i.test(value);

/** Known values, the longest first, also as other programs write them. */
function withoutValues(text: string, known: readonly string[]): string {
  const written = known.filter(value => value.length >= 4).flatMap(encodings);
  const longest = [...new Set(written)].sort((one, other) => other.length - one.length);
  return longest.reduce((now, value) => now.replaceAll(value, mark), text);
}

const encodings = (value: string): readonly string[] => [
  value,
  encodeURIComponent(value),
  JSON.stringify(value).slice(1, -1),
  ...(value.length >= 8 ? [Buffer.from(value).toString('base64').replace(/=+$/, '')] : []),
];

// ---- names ----

/** Words that, anywhere in a name, say that its value is secret. */
const words = new Set(
  'password passwd passphrase passcode pass pwd pw pswd secret secrets token tokens apikey authtoken credential credentials cred creds jwt bearer psk otp totp identitytoken registrytoken requirepass masterauth sessionid phpsessid jsessionid accesskey secretkey privatekey'.split(
    ' ',
  ),
);

/** Words that make a name of it, if they stand before `key`. */
const keys = new Set(
  'api access private secret encryption signing account master license auth ssh deploy shared'.split(' '),
);

/** Last words of names whose values are places or manners, never the secret itself: DB_PASSWORD_FILE. */
const harmless = new Set(
  'file files path dir directory stdin env name names id type length policy age count expires expiry url uri endpoint changed required valid agent environment stale'.split(
    ' ',
  ),
);

/** Names that only look so: the shell's working directory, promises about secrets, and the number of a secret's text in a look. */
const harmlessNames = new Set(['PWD', 'OLDPWD', 'rotated-secret-is-in-force', 'secrets-stay-private', 'secretTexts']);

/** Whether the value under a name is secret: MYSQL_PWD, aws_secret_access_key, clientSecret, x-api-key, _auth. */
function isSecretName(name: string): boolean {
  if (harmlessNames.has(name)) return false;
  const parts = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter(part => part !== '')
    .map(part => (part.length > 2 ? part.replace(/\d+$/, '') : part));
  const last = parts.at(-1) ?? '';
  if (parts.length > 1 && harmless.has(last)) return false;
  return (
    name === '_auth' ||
    parts.some(part => words.has(part) || /(?:password|passwd|passphrase)$/.test(part)) ||
    parts.some((part, index) => keys.has(part) && /^keys?$/.test(parts[index + 1] ?? ''))
  );
}

/** Whether a word is drawn rather than chosen: long, with letters and digits. */
const isRandom = (value: string): boolean => value.length >= 12 && /[a-z]/i.test(value) && /\d/.test(value);

/** A path of a file is what an operator needs to read. */
const isPath = (value: string): boolean =>
  /^(?:[\w.-]{1,64}:)?(?:~|\$?\{?HOME\}?|%[a-z]|\/(?:home|run|etc|var|nix|root|usr|tmp|proc|dev|srv|opt|mnt))?\/[\w.@%+~-]+(?:\/[\w.@%+~-]+)*\/?[:,;.)]*$/.test(
    value,
  ) && !isRandom(value.slice(value.lastIndexOf('/') + 1));

/** What a help text or an advice has in a value's place: `<from>`, `env:NAME`; it names no secret. */
const isPlaceholder = (value: string): boolean =>
  /^(?:<[a-z][a-z|:-]{0,40}>|(?:env|file):[A-Z][A-Z\d_]*\.?)$/.test(value);

// ---- shapes: what replaces what, in this order ----

type Shape = (text: string) => string;
const by =
  (pattern: RegExp): Shape =>
  text =>
    text.replace(pattern, mark);

/** Keeps what a pattern's first group holds, and hides the rest, unless that is hidden already. */
const after =
  (pattern: RegExp, closing = ''): Shape =>
  text =>
    text.replace(pattern, (all: string, kept: string) =>
      isHidden(all.slice(kept.length)) ? all : `${kept}${mark}${closing}`,
    );

const isHidden = (value: string): boolean => /^\s*["']?(?:\w+\s+)?\[redacted\]/.test(value);

const inTurn =
  (...each: readonly Shape[]): Shape =>
  text =>
    each.reduce((now, shape) => shape(now), text);

/** Tokens that are known by their own form. Each bounded, and each with its source. */
const tokens: readonly RegExp[] = [
  // GitHub: "About authentication to GitHub", token formats
  /\b(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_\w{20,255})\b/g,
  // GitLab: docs.gitlab.com "Token overview", token prefixes
  /\b(?:gl(?:pat|oas|dt|rt|rtr|cbt|ptt|ft|imt|agent|soat|ffct)-[\w.-]{16,300}|GR1348941[\w-]{20})/g,
  // AWS: IAM user guide, unique identifiers (access keys)
  /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b/g,
  // Slack: "Token types"; incoming webhooks
  /\bxox[a-z](?:\.[a-z-]+)?-[\w-]{10,300}/g,
  /\bxapp-\d-[\w-]{10,300}/g,
  /(?<=hooks\.slack\.com\/(?:services|workflows|triggers)\/)[\w/-]{10,200}/g,
  // Discord: webhooks, bot tokens
  /(?<=discord(?:app)?\.com\/api\/webhooks\/)\d{5,25}\/[\w-]{20,200}/g,
  // npm, PyPI, RubyGems, Docker Hub, crates.io: documentation of access tokens
  /\b(?:npm_[A-Za-z0-9]{30,255}|pypi-[\w-]{30,300}|rubygems_[0-9a-f]{40,64}|dckr_(?:pat|oat)_[\w-]{20,100}|cio[A-Za-z0-9]{32})\b/g,
  // Stripe, OpenAI, Anthropic: API keys
  /\b(?:[srp]k_(?:live|test)_[A-Za-z0-9]{10,200}|whsec_[\w+/=]{16,100}|sk-(?:proj-|ant-|svcacct-|or-)?[\w-]{20,300})/g,
  // SendGrid, Mailgun, Mailchimp
  /\bSG\.[\w-]{16,32}\.[\w-]{16,64}/g,
  /\bkey-[0-9a-f]{32}\b/g,
  /\b[0-9a-f]{32}-us\d{1,2}\b/g,
  // Google: API keys, OAuth access and refresh tokens, client secrets
  /\b(?:AIza[\w-]{35}|ya29\.[\w.-]{20,400}|GOCSPX-[\w-]{20,60})/g,
  /\b1\/\/0[\w-]{30,200}/g,
  // Telegram: bot tokens
  /(?<!\d)\d{8,12}:AA[\w-]{30,40}/g,
  // HashiCorp Vault and Terraform Cloud
  /\b(?:hv[sbr]\.[\w-]{20,300}|[A-Za-z0-9]{14}\.atlasv1\.[\w-]{40,100})/g,
  // DigitalOcean, Tailscale, Hugging Face, Linear, Shopify, Grafana, Databricks, Heroku, Pulumi, Doppler, Postman, Notion, Fly
  /\b(?:do[opr]_v1_[0-9a-f]{40,80}|tskey-[a-z]+-[\w-]{10,100}|hf_[A-Za-z0-9]{20,60}|lin_api_[A-Za-z0-9]{20,60}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|gl(?:sa|c)_[\w+/=]{20,300}|dapi[0-9a-f]{32}|HRKU-[\w-]{20,100}|pul-[0-9a-f]{40}|dp\.(?:pt|st|ct|sa)\.[\w.-]{20,100}|PMAK-[\w-]{20,100}|ntn_[A-Za-z0-9]{20,100}|fo1_[\w-]{20,100})/g,
  // JSON Web Tokens (RFC 7519), also cut short after the second part
  /\beyJ[\w-]{8,4000}\.[\w-]{4,8000}(?:\.[\w-]{0,2000})?/g,
  // age (age-keygen), SSH and WireGuard keys go by PEM or by their names
  /\bAGE-SECRET-KEY-1[A-Z0-9]{20,100}/g,
  // crypt(5) and argon2 hashes: what is left to guess is the password
  /\$(?:[156y]|2[abxy]?|7|gy|sha1|scram|argon2(?:id?|d))\$[\w.,=/+$-]{16,300}/g,
];

/** Headers that carry credentials, to the end of what quotes or ends them (RFC 9110, 11.6.2; RFC 6265). */
const headers: Shape = inTurn(
  after(/\b((?:proxy-)?authorization\s{0,4}:\s{0,4}(?:digest|oauth|aws4-hmac-sha256)\s+)[^\r\n]{1,8000}/gi),
  after(
    /\b((?:proxy-)?authorization\b\\*["']?\s{0,4}[:=,]\s{0,4}\\*["']?(?:(?:basic|bearer|token|negotiate|ntlm|apikey)\s+)?)[^"'\\\r\n]{1,8000}/gi,
  ),
  after(/\b((?:set-)?cookie2?["']?\s{0,4}:\s{0,4}["']?)[^"'\r\n]{1,8000}/gi),
  after(/\b(x-(?:[a-z]{1,20}-){0,5}(?:token|auth|key|secret)["']?\s{0,4}:\s{0,4}["']?)[^"'\s]{1,8000}/gi),
  after(/\b(bearer\s{1,4})[\w.~+/-]{6,8000}={0,2}/gi),
  after(/\b(basic\s{1,4})(?=[A-Za-z0-9+/]{0,200}[A-Z0-9+/])[A-Za-z0-9+/]{12,8000}={0,2}/g),
  after(/\b(Basic\s{1,4})[A-Za-z0-9+/]{8,8000}={0,2}/g),
  after(/\b(AUTH (?:PLAIN|LOGIN|CRAM-MD5|XOAUTH2)\s{1,4})[A-Za-z0-9+/]{4,8000}={0,2}/gi),
);

/** scheme://user:password@host, also without a user, and with @ or / in the password; not the port of an image's registry. */
const addresses: Shape = inTurn(
  after(/(:\/\/[^\s/:@"'<>]{0,256}:)(?!\d{1,5}(?:[/?#]|$))[^\s"'<>@]{1,256}(?:@[^\s/"'<>@]{0,256})*@(?=[\w.[-])/g, '@'),
  after(/(:\/\/)(?=[^\s/:@"'<>]{0,255}\d)[^\s/:@"'<>]{20,256}@/g, '@'),
  // user:password@tcp(host:3306)/name, as Go's MySQL driver has it
  after(/\b([\w.-]{1,64}:)[^\s@"']{1,256}@(?=(?:tcp|unix)\d?\()/g, '@'),
  // host:5432:database:user:password, as ~/.pgpass has it (PostgreSQL, libpq-pgpass)
  after(/^((?:[A-Za-z*][\w.*-]{0,255}):(?:\d{2,5}|\*):[\w*.-]{1,64}:[\w*.-]{1,64}:)\S{1,256}$/gm),
);

/** Command lines and languages that name no name before the value. */
const phrases: Shape = inTurn(
  after(
    /\b((?:sshpass|(?:podman|docker|skopeo|buildah|helm|oc|az)\b[^\n|;&]{0,60}?\blogin\b[^\n|;&]{0,200}?)\s-p[= ]?)[^\s]{1,255}/g,
  ),
  after(/(\s--(?:src-|dest-)?creds[= ])[^\s]{1,255}/g),
  after(/\b(mongo(?:sh|dump|restore|export|import)?\b[^\n|;&]{0,200}?\s-p[= ]?)[^\s-][^\s]{0,255}/g),
  after(
    /\b((?:mysql|mysqladmin|mysqldump|mariadb|mariadb-admin|mariadb-dump)\b[^\n|;&]{0,200}?\s-p)[^\s"'-][^\s"']{0,255}/g,
  ),
  after(/\b(redis-cli\b[^\n|;&]{0,200}?\s-a[= ])[^\s"']{1,255}/g),
  after(
    /\b((?:curl|wget|http|xh)\b[^\n|;&]{0,400}?\s(?:-u|--user|--proxy-user)[= ]["']?[^\s:"']{0,128}:)[^\s"']{1,255}/g,
  ),
  after(/\b(identified\s+(?:with\s+\w+\s+)?(?:by|as)\s+|\bpassword\s+)(["'])[^"'\n]{1,255}\2/gi),
  after(/\b(requirepass\s+|masterauth\s+|login\s+\S{1,128}\s+password\s+)\S{1,255}/g),
  after(/(<([\w:.-]{0,64}(?:password|passwd|secret|token|apikey)[\w:.-]{0,16})>)[^<\n]{1,2000}(?=<)/gi),
  // An entry of Docker's config.json (docker login): base64 of user:password
  after(/(\\*["'](?:auth|identitytoken|registrytoken)\\*["']\s{0,4}:\s{0,4}\\*["'])[^"'\\]{4,8000}/g),
  // Signatures of addresses that give access by themselves (AWS and Azure: X-Amz-Signature, sig)
  after(
    /([?&](?:x-amz-signature|x-amz-security-token|x-goog-signature|sig|signature|code|access_token|id_token|refresh_token)=)[^\s&"'<>]{6,4000}/gi,
  ),
);

/** --password x, --password=x, "--password", "x" */
const flags: Shape = text =>
  text.replace(
    /(--?)([A-Za-z][\w-]{2,60})(=|\s{1,4}|["'],\s{0,4}(?=["']))("(?:\\.|[^"\\\n]){0,2000}"|'[^'\n]{0,2000}'|[^\s"'-][^\s"']{0,2000})/g,
    (all, dashes: string, name: string, between: string, value: string) => {
      if (!isSecretName(name) || (dashes === '-' && between !== '=' && !/^pass/.test(name))) return all;
      return isPath(value) || isPlaceholder(value) || isHidden(value) ? all : `${dashes}${name}${between}${mark}`;
    },
  );

interface Span {
  readonly start: number;
  readonly end: number;
}

/** NAME=value, name: value, "name": "value", 'NAME=two words': by the name, to the end of what holds the value. */
const assignments: Shape = text => {
  let done = '';
  let at = 0;
  for (const { start, end } of valuesIn(text)) {
    done += `${text.slice(at, start)}${mark}`;
    at = end;
  }
  return done + text.slice(at);
};

/** Where the values of secret names stand, from the beginning on. */
function* valuesIn(text: string): Generator<Span> {
  const assignment = /(?<![\w.-])([A-Za-z_][\w.-]{0,100})(\\*["'])?([ \t]{0,4}(?:=>|:=|=|:)[ \t]{0,4})/g;
  for (let found = assignment.exec(text); found !== null; found = assignment.exec(text)) {
    const [whole, name = '', quote, between = ''] = found;
    if (!isSecretName(name) || isEntry(text, found.index, name, between)) continue;
    const start = found.index + whole.length;
    const end = endOf(text, start, text[found.index - 1] ?? '', quote, between);
    if (end === start || !isValue(text, found.index, name, quote, between, text.slice(start, end))) continue;
    yield { start, end };
    assignment.lastIndex = end;
  }
}

/** Whether it is the file of an entry of the corpus, of which something is said: `…/spoil-secret-reboot.json: held, as expected`. */
const isEntry = (text: string, index: number, name: string, between: string): boolean =>
  text[index - 1] === '/' && between === ': ' && /^[a-z\d]+(?:-[a-z\d]+)+\.json$/.test(name);

/** Where the value that begins somewhere ends. */
function endOf(text: string, start: number, before: string, quote: string | undefined, between: string): number {
  const ends = (pattern: RegExp): number => {
    pattern.lastIndex = start;
    return pattern.exec(text) === null ? start : pattern.lastIndex;
  };
  // A block of YAML: every line below that is indented more.
  if (between.includes(':') && /^[|>][+-]?[ \t]*\r?\n/.test(text.slice(start, start + 8))) return blockEnd(text, start);
  const [, opening] = /^(\\*["'])/.exec(text.slice(start, start + 9)) ?? [];
  if (opening !== undefined) return quotedEnd(text, start + opening.length, opening);
  // "NAME=two words": the quotation marks hold the name too.
  if (quote === undefined && /["']/.test(before) && between.includes('=')) return quotedEnd(text, start, before) - 1;
  return ends(/[^\s"'`\\<>]*(?:\\.[^\s"'`\\<>]*)*/y);
}

function quotedEnd(text: string, start: number, quote: string): number {
  const bound = Math.min(text.length, start + 8_000);
  for (let at = start; at < bound; at++) {
    if (text[at] === '\n') return at;
    if (quote.length === 1 && text[at] === '\\') at++;
    else if (text.startsWith(quote, at)) return at + quote.length;
  }
  return bound;
}

function blockEnd(text: string, start: number): number {
  const line = text.lastIndexOf('\n', start - 1) + 1;
  const indent = /^[ \t-]*/.exec(text.slice(line, start))?.[0].length ?? 0;
  let at = text.indexOf('\n', start) + 1;
  while (at > 0 && at < text.length) {
    const end = text.indexOf('\n', at);
    const next = text.slice(at, end < 0 ? text.length : end);
    if (next.trim() !== '' && (/^[ \t]*/.exec(next)?.[0].length ?? 0) <= indent) return at - 1;
    if (end < 0) return text.length;
    at = end + 1;
  }
  return text.length;
}

/** Names that are also plain words of a sentence: `remove the secret: web`. */
const plain = new Set([
  'secret',
  'secrets',
  'token',
  'tokens',
  'pass',
  'pw',
  'credential',
  'credentials',
  'cred',
  'creds',
  'passwd',
  'bearer',
]);

/** Whether what stands after a secret's name is its value. */
function isValue(
  text: string,
  index: number,
  name: string,
  quote: string | undefined,
  between: string,
  value: string,
): boolean {
  const bare = value.replace(/^\\*["']|\\*["']$/g, '');
  if (bare === '' || /^\[redacted\][,;:.)}\]&]*$/.test(bare) || /^\$\{?[A-Z_][A-Z\d_]*\}?$/.test(bare)) return false;
  const isQuoted = /^\\*["']/.test(value);
  // An argument of a step, where it is the name of a secret: entries and reports are read again.
  if (name === 'secret' && /"args":\s*\{[^{}]{0,200}$/.test(text.slice(Math.max(0, index - 220), index))) return false;
  if (isPath(bare) && !/passw(?:or)?d$/i.test(name)) return false;
  if (/[[{]$/.test(bare)) return false; // a list or a map begins
  if (!between.includes(':') || between.includes('=') || quote !== undefined || isQuoted) return true;
  if (!plain.has(name.toLowerCase())) return true;
  const line = text.slice(text.lastIndexOf('\n', index - 1) + 1, index);
  return isRandom(bare) || (/^[ \t]*(?:- )?$/.test(line) && /\d/.test(bare));
}

/** A key without a name that is common to all: RESTIC_KEY=…, where it looks drawn. */
const drawnKeys = after(
  /\b([A-Za-z]\w{0,60}[_-]?KEY["']?\s{0,4}[=:]\s{0,4}["']?)(?=[\w+/=.-]{0,200}\d)(?![~/.])[\w+/=.-]{20,2000}/gi,
);

const begins = /-{4,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}/g;
const ends = /-{4,5} ?END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}/g;
/** A line of a key, also behind what a journal writes before it; hexadecimal digits alone are an id. */
const keyLine = /^(?:.{0,200}[\s:|"',])?(?![0-9a-f]+$)[A-Za-z0-9+/]{16,120}={0,2}["',\\]{0,4}$/;

/** Private keys of PEM, OpenSSH, SSH2 and PGP (RFC 7468, 9580, 4716): whole ones, and those of which an end was cut off. */
const privateKeys: Shape = text => {
  const whole = text.replace(
    /-{4,5} ?BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?) ?-{4,5}(?:(?!-{4,5} ?BEGIN )[\s\S]){0,40000}?-{4,5} ?END \1 ?-{4,5}/g,
    mark,
  );
  if (!begins.test(whole) && !ends.test(whole) && !/[A-Za-z0-9+/]{60}/.test(whole)) return whole;
  begins.lastIndex = 0;
  ends.lastIndex = 0;
  return lonely(whole.split('\n').map(line => line.replace(/\r$/, ''))).join('\n');
};

function lonely(lines: readonly string[]): readonly string[] {
  const gone = new Set<number>();
  const isBody = (line: string | undefined, isStart: boolean): boolean =>
    line !== undefined &&
    (keyLine.test(line) || (isStart && /(?:^|\s)(?:$|[A-Z][A-Za-z-]{2,20}: .{1,100}$|=[A-Za-z0-9+/]{4}$)/.test(line)));
  lines.forEach((line, index) => {
    if (line.search(begins) >= 0 && !/END [A-Z0-9 ]{0,40}PRIVATE KEY/.test(line)) {
      gone.add(index);
      for (let at = index + 1; isBody(lines[at], at < index + 6); at++) gone.add(at);
    } else if (line.search(ends) >= 0) {
      gone.add(index);
      for (let at = index - 1; at >= 0 && isBody(lines[at], false); at--) gone.add(at);
    }
  });
  // Both ends cut off: lines of base64 of one length (64 or 70 characters, RFC 7468 and OpenSSH), three of them at least.
  const inner = (at: number): boolean => {
    const line = /[A-Za-z0-9+/]{60,76}={0,2}$/.exec(lines[at] ?? '')?.[0] ?? '';
    return line !== '' && keyLine.test(lines[at] ?? '') && /[A-Z]/.test(line) && /[a-z]/.test(line) && /\d/.test(line);
  };
  for (let at = 0; at < lines.length; at++) {
    if (!inner(at)) continue;
    let end = at;
    while (inner(end)) end++;
    if (end - at >= 3)
      for (let each = at; each < end + 1; each++) if (each < end || keyLine.test(lines[each] ?? '')) gone.add(each);
    at = end;
  }
  return lines.flatMap((line, index) => (gone.has(index) ? (gone.has(index - 1) ? [] : [mark]) : [line]));
}

const shapes: readonly Shape[] = [
  privateKeys,
  headers,
  addresses,
  phrases,
  flags,
  assignments,
  drawnKeys,
  ...tokens.map(by),
];
