import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { ConfigError } from '../../config/problems.ts';

const fixture = (name: string): string => new URL(`../fixtures/config/${name}.yaml`, import.meta.url).pathname;
const root = new URL('../../', import.meta.url).pathname;
const minimal = 'people: { ana: { contact: [terminal] } }\nteams: { t: { onCall: ana } }\nroutes: [{ team: t }]\n';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (text: string | Buffer): string => {
  const path = join(folder, 'tocsin.yaml');
  writeFileSync(path, text);
  return path;
};

function problemsOf(load: () => Config): string[] {
  try {
    load();
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ line, at, message }) => `${line} ${at} ${message}`);
  }
}
const problemsIn = (text: string | Buffer, env = {}): string[] =>
  problemsOf(() => loadConfig({ path: write(text), env }));

describe('which file', () => {
  test('none asked for and none there: the sample organization, with the token it was given', () => {
    const config = loadConfig({ env: {}, cwd: folder, sampleToken: 'made-for-this-run' });
    expect(config.file).toBeNull();
    expect([...config.sources.values()].map(({ token }) => token)).toEqual(Array(3).fill('made-for-this-run'));
    expect({ notYet: config.notSupportedYet, warnings: config.warnings }).toEqual({ notYet: [], warnings: [] });
  });

  test('tocsin.yaml in the root is the sample organization', () => {
    const given = { env: {}, sampleToken: 'x' };
    const written = loadConfig({ ...given, path: join(root, 'tocsin.yaml') });
    const builtIn = loadConfig({ ...given, cwd: folder });
    expect(written).toEqual({ ...builtIn, file: join(root, 'tocsin.yaml'), warnings: written.warnings });
  });

  test('the environment can set the token of the sample', () => {
    const config = loadConfig({ env: { TOCSIN_SOURCE_TOKEN: 'mine' }, cwd: folder, sampleToken: 'made' });
    expect(config.sources.get('generic')?.token).toBe('mine');
  });

  test('one that was asked for must exist', () => {
    const missing = ['null  the configuration file does not exist: create it, or correct its name'];
    expect(problemsOf(() => loadConfig({ path: 'none.yaml', env: {}, cwd: folder }))).toEqual(missing);
    expect(problemsOf(() => loadConfig({ env: { TOCSIN_CONFIG: 'none.yaml' }, cwd: folder }))).toEqual(missing);
  });

  test('a directory, a FIFO or a device is refused at once; a link to a file is fine', () => {
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    for (const path of [folder, join(folder, 'fifo'), '/dev/zero']) {
      expect(problemsOf(() => loadConfig({ path, env: {} }))).toEqual([
        'null  the configuration file is not a regular file: name a file',
      ]);
    }
    symlinkSync(write(minimal), join(folder, 'link.yaml'));
    expect(loadConfig({ path: join(folder, 'link.yaml'), env: {} }).teams.size).toBe(1);
  });
});

describe('hostile or broken text', () => {
  test.each([
    ['empty', '', /the file is empty/],
    ['comments only', '# nothing\n', /the file is empty/],
    ['a list at the top', '- a\n', /expected a mapping/],
    ['tabs', 'people:\n\tana: {}\n', /indent with spaces, not tabs/],
    ['a reference without quotes', 'sources: { generic: { token: ${TOKEN} } }\n', /put "\$\{NAME\}" in quotes/],
    ['an alias to nothing', 'people: *nobody\n', /no anchor "&nobody"/],
    ['an alias to itself', 'people: &p { ana: *p }\n', /nested deeper|no anchor/],
    ['an old dialect', '%YAML 1.1\n---\npeople: {}\n', /remove the %YAML line/],
    ['broken UTF-8', Buffer.from([0x61, 0xff, 0xfe]), /not UTF-8/],
    ['half a surrogate pair', 'organization: "\\uD800"\n', /lone surrogate/],
    ['too large', Buffer.alloc(1024 * 1024 + 1, 0x23), /larger than 1024 KiB/],
    ['deeply nested', `actions: ${'['.repeat(40)}${']'.repeat(40)}\n`, /nested deeper than 32/],
    ['a merge key', 'people: { <<: { ana: {} } }\n', /"<<" cannot be a key/],
  ])('%s is one clear error', (_name, text, message) => {
    expect(problemsIn(text)[0]).toMatch(message);
  });

  test('a billion laughs ends quickly', () => {
    const levels = 'bcdefghij'.split('').map((c, i) => `${c}: &${c} [${`*${'abcdefghi'[i]},`.repeat(9)}]`);
    const before = Date.now();
    expect(problemsIn(`a: &a [x]\n${levels.join('\n')}\n`).join()).toMatch(/too many values/);
    expect(Date.now() - before).toBeLessThan(2000);
  });

  test('byte order mark, CRLF and anchors are fine', () => {
    const text = '\uFEFF' + `${minimal}services: { a: &s { owner: x }, b: *s }\n`.replaceAll('\n', '\r\n');
    expect(loadConfig({ path: write(text), env: {} }).services.get('b')?.owner).toBe('x');
  });

  test('names of prototypes are names like any other', () => {
    const text = minimal.replaceAll('ana', 'constructor');
    expect(loadConfig({ path: write(text), env: {} }).people.get('constructor')?.name).toBe('constructor');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('values from outside', () => {
  test('environment and files are put in after parsing, so that they add no keys; $${ is literal', () => {
    writeFileSync(join(folder, 'secret'), 'from-a-file\n');
    const source = `sources: { generic: { token: "\${file:${join(folder, 'secret')}}" } }\norganization: "\${NAME} $\${NAME}"\n`;
    const config = loadConfig({ path: write(minimal + source), env: { NAME: 'x: y\n#z' } });
    expect(config.sources.get('generic')?.token).toBe('from-a-file');
    expect(config.organization.name).toBe('x: y\n#z ${NAME}');
  });

  test('a source without a token only where nobody else can connect', () => {
    const text = `${minimal}sources: { generic: { token: none } }\n`;
    for (const HOST of [undefined, '127.0.0.1', '::1', 'localhost']) expect(problemsIn(text, { HOST })).toEqual([]);
    expect(problemsIn(text, { HOST: '0.0.0.0' })).toEqual([
      '4 sources.generic.token "none" is allowed on loopback only, and HOST is 0.0.0.0: set a token',
    ]);
    expect(loadConfig({ path: write(text), env: {} }).sources.get('generic')?.token).toBeNull();
  });
});

describe('what is said of a file that loads', () => {
  const env = { ALERTMANAGER_TOKEN: 't'.repeat(20), SLACK_BOT_TOKEN: 'a', SLACK_SIGNING_SECRET: 'b', PD_PLATFORM: 'c' };

  test('every key of the contract is known; what is not acted on yet is named', () => {
    const { notSupportedYet } = loadConfig({ path: fixture('valid-everything'), env });
    expect(notSupportedYet.map((line) => line.split(': ')[0])).toEqual([
      ...['chat.slack.signingSecret', 'paging.bundleAfter'],
    ]);
  });

  test('a small file is only told about what it sets', () => {
    const config = loadConfig({ path: fixture('valid-bench'), env });
    expect(config.notSupportedYet).toEqual([expect.stringContaining('paging.bundleAfter')]);
    expect(config.severities.SEV2).toMatchObject({ acknowledgeWithinMs: 3_600_000, remindBeforeMs: 600_000 });
    expect(config.severities.SEV2.notificationRules).toEqual({
      allAtOnce: false,
      stepEveryMs: 120_000,
      repeatEveryMs: 3_600_000,
    });
  });

  test('warnings: secrets in the file, no phone, loopback address, a level that reaches nobody, no source', () => {
    const text = `publicUrl: http://localhost:8080/
people: { ana: { contact: [{ webhook: "http://u:p@127.0.0.1/a" }, { sms: "+4930123456" }] }, bo: { contact: [terminal] }, eve: {} }
teams: { t: { onCall: ana, escalation: [onCall, eve, bo] } }
routes: [{ team: t }]
sources: { generic: { token: in-the-clear } }
`;
    const { warnings, publicUrl } = loadConfig({ path: write(text), env: {} });
    expect(publicUrl).toBe('http://localhost:8080');
    expect(warnings).toEqual([
      expect.stringMatching(/^sources.generic.token: a secret in the file/),
      expect.stringMatching(/^people.ana.contact\[0\].webhook: a secret/),
      expect.stringMatching(/^publicUrl: .* this machine only/),
      expect.stringMatching(/phone-grade method .*pagerduty\): ana, eve, bo$/),
      expect.stringMatching(/^teams.t.escalation\[1\]: reaches nobody/),
    ]);
    expect(loadConfig({ path: write(minimal), env: {} }).warnings).toContainEqual(
      expect.stringMatching(/^sources: none/),
    );
  });

  test('SEV3 pages when its time to be acknowledged has passed, unless it says otherwise', () => {
    const sev3 = (text: string) =>
      loadConfig({ path: write(`${minimal}severities: { SEV3: ${text} }`), env: {} }).severities.SEV3;
    expect(sev3('{ acknowledgeWithin: 20m }').pageAfterMs).toBe(1_200_000);
    expect(sev3('{ acknowledgeWithin: 20m, pageAfter: 5m }').pageAfterMs).toBe(300_000);
    expect(sev3('{ pageAfter: off }').pageAfterMs).toBeNull();
  });

  test('the address defaults to where the server listens', () => {
    const url = (env: Record<string, string>): string => loadConfig({ path: write(minimal), env }).publicUrl;
    expect(url({})).toBe('http://127.0.0.1:8080');
    expect(url({ PORT: '9000', HOST: '0.0.0.0' })).toBe('http://127.0.0.1:9000');
    expect(url({ HOST: 'fd00::1' })).toBe('http://[fd00::1]:8080');
  });
});

test('the terminal gets one line a problem, without control characters, and the count', () => {
  const text = `${minimal}"evil\\e[2J": 1\nplanet: x\n`;
  const error = new ConfigError([{ file: 'f', line: 1, at: 'a\u001b[2J', message: 'm\nn' }]);
  expect(error.format()).toBe('f:1: a [2J: m n\nconfiguration: 1 problem, nothing started');
  expect(problemsIn(text)).toHaveLength(2);
});

test('[PAGE-15] [REC-3] an escalation whose last level names nobody who can be paged is refused', () => {
  const path = fixture('nobody-to-page');
  expect(() => loadConfig({ path, env: { TOKEN: 'a-token-of-the-test' } })).toThrow(
    'the last level names nobody who can be paged',
  );
});
