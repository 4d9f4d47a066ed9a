/** For tests: one secret in a common form, as in logs, files and command lines. */
export interface Planted {
  readonly form: string;
  readonly text: string;
  /** What must not be left of it. */
  readonly secret: string;
}

const one = (form: string, text: (secret: string) => string, secret = 'Tr0ub4dor-and-3'): Planted => ({
  form,
  secret,
  text: text(secret),
});
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const letters = 'Zq3vX8mK1pT6wB9nL4cR7yD2hF5jG0sA';
const keyBody = Array.from({ length: 6 }, (_, line) => base64(`${line}${letters}${letters}`).slice(0, 64));
// Composed here, so that no scanner of repositories takes this file for a leak.
const begin = (kind: string): string => `-----BEGIN ${kind}-----`;
const end = (kind: string): string => `-----END ${kind}-----`;
const body = keyBody.join('\n');
const line = keyBody[2] ?? '';
const journal = (text: string): string => `2026-11-25T04:13:14.336080+00:00 lab app[1367]: ${text}`;

/** Common forms of secrets. */
export const plantedSecrets: readonly Planted[] = [
  // NAME=value
  one('password in an env file', s => `DB_PASSWORD=${s}`),
  one('MYSQL_PWD', s => `MYSQL_PWD=${s}`),
  one('PGPASSWORD before a command', s => `PGPASSWORD=${s} psql -h db`),
  one('REDIS_PASS', s => `REDIS_PASS=${s}`),
  one('a passphrase', s => `RESTIC_PASSPHRASE='${s}'`),
  one('two words in quotes that hold the name', s => `Environment="DB_PASSWORD=two ${s}" "B=c"`),
  one('two words in quotes', s => `export DB_PASSWORD="two ${s}"`),
  one('a value with commas and semicolons', s => `DB_PASSWORD=a,b;c${s}`),
  one('a value in single quotes that hold the name', s => `podman run -e 'API_TOKEN=x ${s}' app`),
  one('a bare assignment in a log', s => journal(`connecting with password=${s} to db`)),
  one('a numbered name', s => `SMTP_PASSWORD2=${s}`),
  one('SECRET_KEY_BASE', s => `SECRET_KEY_BASE=${s}`),
  one('an AWS secret key', s => `aws_secret_access_key = ${s}`, 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
  one('an encryption key', s => `N8N_ENCRYPTION_KEY=${s}`),
  one('a key that looks drawn', s => `RESTIC_KEY=${s}`, letters),
  one('an account key of Azure', s => `AccountName=x;AccountKey=${s}==;EndpointSuffix=y`, letters),
  one('a connection string', s => `Server=db;User Id=sa;Password=${s};Encrypt=yes`),
  one('a WireGuard key', s => `PrivateKey = ${s}`, `${letters}aB1cD2eF3g=`),
  one('a pre-shared key', s => `wpa_psk=${s}`),
  one('a TOTP seed', s => `TOTP_SECRET: ${s}`, 'JBSWY3DPEHPK3PXP'),
  // name: value
  one('YAML', s => `db:\n  password: ${s}\n  port: 5432`),
  one('YAML in quotes', s => `clientSecret: "${s}"`),
  one('a YAML list of compose', s => `environment:\n  - POSTGRES_PASSWORD=${s}`),
  one('a YAML block', s => `password: |\n  first\n  ${s}\nnext: kept`),
  one('JSON', s => `{"password": "${s}", "user": "x"}`),
  one('JSON without spaces', s => `{"apiKey":"${s}"}`),
  one('JSON in JSON', s => `"{\\"db_password\\": \\"${s}\\"}"`),
  one('a JSON list of variables', s => `"Env": ["A=b","DB_PASSWORD=${s}","TZ=UTC"]`),
  one('TOML', s => `auth_token = '${s}'`),
  one('a Nix attribute', s => `adminPassword = "${s}";`),
  one('Ruby and PHP', s => `'password' => '${s}'`),
  one('XML', s => `<adminPassword>${s}</adminPassword>`),
  one('a mid-sentence name', s => journal(`user: x, password: ${s}`)),
  one('a token of a sentence', s => journal(`token: ${s} accepted`), `tok${letters}`),
  // addresses
  one('a URL with a user', s => `https://me:${s}@registry.example/v2`),
  one('Redis without a user', s => `redis://:${s}@redis:6379/0`),
  one('a password with @', s => `postgres://app:p@${s}@db:5432/app`),
  one('a password with /', s => `amqp://app:p/${s}@mq:5672`),
  one('a token as the user', s => `https://${s}@git.example/x.git`, letters),
  one("Go's MySQL driver", s => `app:${s}@tcp(db:3306)/app`),
  one('.pgpass', s => `db.example:5432:app:app:${s}`),
  one('a query', s => `GET /hook?user=x&token=${s}&y=1`),
  one('a signed address', s => `https://s3.example/x?X-Amz-Signature=${s}&y=1`),
  one('a shared access signature', s => `https://b.example/c?sv=1&sig=${s}`),
  // headers
  one('Authorization: Basic', s => `Authorization: Basic ${s}`, base64('user:Tr0ub4dor-and-3')),
  one('Authorization: Bearer', s => `> authorization: Bearer ${s}`),
  one('Authorization with its own scheme', s => `Authorization: ${s}`),
  one('Authorization in JSON', s => `{"Authorization":"token ${s}"}`),
  one('Authorization: Digest', s => `Authorization: Digest username="x", response="${s}"`),
  one('Proxy-Authorization', s => `Proxy-Authorization: Basic ${s}`, base64('me:and-my-password')),
  one('X-Api-Key', s => `X-Api-Key: ${s}`),
  one('X-Vault-Token', s => `x-vault-token: ${s}`),
  one('Authorization of curl', s => `curl -H "Authorization: Bearer ${s}" https://x`),
  one('a password that begins like a variable', s => `DB_PASSWORD=${s}`, '$ecret-word'),
  one('a cookie', s => `Cookie: session=${s}; theme=dark`),
  one('a cookie that is set', s => `Set-Cookie: sid=${s}; HttpOnly`),
  one('a bearer in a sentence', s => `curl -H bearer ${s}`),
  one('SMTP', s => `AUTH PLAIN ${s}`, base64('\0me\0hunter2')),
  // command lines
  one('--password x', s => `podman login --username x --password ${s} registry.example`),
  one('--password=x', s => `restic --password=${s} backup`),
  one("--password 'x y'", s => `tool --password 'x ${s}'`),
  one('--token x', s => `runner register --token ${s}`),
  one('--client-secret x', s => `oauth2-proxy --client-secret ${s}`),
  one('a list of arguments', s => `["tool","--password","${s}"]`),
  one('--requirepass x', s => `redis-server --requirepass ${s}`),
  one('requirepass in redis.conf', s => `requirepass ${s}`),
  one('mysql -p', s => `mysql -uroot -p${s} app`),
  one('podman login -p', s => `podman login -u x -p ${s} registry.example`),
  one('sshpass -p', s => `sshpass -p ${s} ssh host`),
  one('redis-cli -a', s => `redis-cli -h r -a ${s} ping`),
  one('curl -u', s => `curl -s -u me:${s} https://x`),
  one('skopeo --creds', s => `skopeo copy --src-creds me:${s} docker://x docker://y`),
  one('.netrc', s => `machine git.example login me password ${s}`),
  one('SQL: IDENTIFIED BY', s => `CREATE USER x IDENTIFIED BY '${s}'`),
  one('SQL: PASSWORD', s => `ALTER ROLE app WITH PASSWORD '${s}'`),
  // files
  one("Docker's config.json", s => `{"auths":{"r.example":{"auth":"${s}"}}}`, base64('me:hunter2-and-more')),
  one('an identity token', s => `"identitytoken": "${s}"`),
  one('.npmrc', s => `//registry.npmjs.org/:_authToken=${s}`),
  one('.npmrc, the old way', s => `_auth=${s}`, base64('me:hunter2-and-more')),
  one('htpasswd', s => `admin:${s}`, '$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'),
  one(
    '/etc/shadow',
    s => `root:${s}:19000:0:99999:7:::`,
    '$6$saltsalt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g.',
  ),
  one('argon2', s => `hash=${s}`, '$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b27RQ'),
  // tokens by their form, inside a sentence
  one('GitHub', s => `pushing with ${s}.`, `ghp_${letters}Ab12`),
  one('GitHub, fine-grained', s => `using ${s}`, `github_pat_${letters}_${letters}`),
  one('GitLab', s => `using ${s}`, `glpat-${letters.slice(0, 20)}`),
  one('AWS', s => `using ${s}`, 'AKIAIOSFODNN7EXAMPLE'),
  one('Slack', s => `using ${s}`, `xoxb-${'123456789012'}-${letters.slice(0, 24)}`),
  one(
    "a Slack webhook's address",
    s => `POST https://hooks.slack.com/services/${s}`,
    `T00000000/B00000000/${letters.slice(0, 24)}`,
  ),
  one(
    "a Discord webhook's address",
    s => `POST https://discord.com/api/webhooks/${s}`,
    `123456789012345678/${letters}${letters}`,
  ),
  one('npm', s => `using ${s}`, `npm_${letters}Ab12`),
  one('PyPI', s => `using ${s}`, `pypi-AgEIcHlwaS5vcmc${letters}`),
  one('Docker Hub', s => `using ${s}`, `dckr_pat_${letters.slice(0, 27)}`),
  one('Stripe', s => `using ${s}`, `sk_${'live'}_${letters}`),
  one('OpenAI', s => `using ${s}`, `sk-proj-${letters}`),
  one('SendGrid', s => `using ${s}`, `SG.${letters.slice(0, 22)}.${letters}${letters.slice(0, 11)}`),
  one('Google', s => `using ${s}`, `AIza${letters}Abc`),
  one('Telegram', s => `https://api.telegram.org/bot${s}/getMe`, `123456789:AA${letters}a`),
  one('Vault', s => `using ${s}`, `hvs.${letters}`),
  one('Tailscale', s => `using ${s}`, `tskey-auth-${letters.slice(0, 12)}-${letters}`),
  one('Hugging Face', s => `using ${s}`, `hf_${letters}ab`),
  one('a JSON Web Token', s => `using ${s}`, `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.${letters}`),
  one('age', s => `# ${s}`, `AGE-SECRET-KEY-1${letters.toUpperCase()}`),
  // keys
  one('a private key', () => `${begin('RSA PRIVATE KEY')}\n${body}\n${end('RSA PRIVATE KEY')}`, line),
  one('an OpenSSH key', () => `${begin('OPENSSH PRIVATE KEY')}\n${body}\n${end('OPENSSH PRIVATE KEY')}`, line),
  one(
    'a PGP key',
    () => `${begin('PGP PRIVATE KEY BLOCK')}\nVersion: x\n\n${body}\n=abcd\n${end('PGP PRIVATE KEY BLOCK')}`,
    line,
  ),
  one(
    'a key in one line of JSON',
    () => `"key": "${begin('PRIVATE KEY')}\\n${keyBody.join('\\n')}\\n${end('PRIVATE KEY')}\\n"`,
    line,
  ),
  one('a key whose end was cut off', () => `${begin('EC PRIVATE KEY')}\n${body}`, line),
  one('a key whose beginning was cut off', () => `${body}\n${end('PRIVATE KEY')}`, line),
  one('a key without both ends', () => `so\n${body}\nmuch`, line),
  one('a key in a journal', () => [begin('PRIVATE KEY'), ...keyBody].map(journal).join('\n'), line),
];
