/** How another configuration takes the place of the one that holds: whole or not at all. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import {
  changedSections,
  configDigest,
  openConfigSource,
  type ConfigSource,
  type RestartOnlySetting,
  type ReloadResult,
  reloadable,
} from '../../config/config-source.ts';
import { loadConfig } from '../../config/load.ts';

const GOOD = `
organization: Example
people:
  ana: { name: Ana Ruiz, contact: [{ webhook: "http://127.0.0.1:9911/ana" }] }
  bo: { name: Bo Lind, contact: [{ webhook: "http://127.0.0.1:9911/bo" }] }
teams:
  platform: { onCall: ana, escalation: [onCall, bo] }
sources:
  alertmanager: { token: "\${file:TOKEN_FILE}" }
routes:
  - team: platform
`;

const GONE = '- : the configuration file does not exist: create it, or correct its name';

let folder: string;
let lines: { level: string; fields: Record<string, unknown>; text: string }[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-source-'));
  lines = [];
  write(GOOD);
  writeFileSync(join(folder, 'token'), 'first-token\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (): string => join(folder, 'tocsin.yaml');
const write = (text: string): void =>
  writeFileSync(file(), text.replace('TOKEN_FILE', join(folder, 'token').replaceAll('\\', '/')));
const note = (level: string) => (fields: object, text?: string) =>
  void lines.push({ level, fields: fields as Record<string, unknown>, text: text ?? '' });

function open(
  restartOnly: readonly RestartOnlySetting[] = [],
  first = loadConfig({ env: {}, cwd: folder }),
): ConfigSource {
  const load = (): Config => loadConfig({ env: {}, cwd: folder, mustExist: true });
  return openConfigSource({ first, load, log: { info: note('info'), error: note('error') } as never, restartOnly });
}

const problemsOf = (result: ReloadResult): readonly string[] =>
  result.applied ? [] : result.problems.map(({ line, at, message }) => `${line ?? '-'} ${at}: ${message}`);

test('[CMD-11] a new file is taken, and what has changed is said in one line', () => {
  const source = open();
  const before = source.current();
  write(GOOD.replace('escalation: [onCall, bo]', 'escalation: [onCall]').replace('Bo Lind', 'Bo Berg'));
  const result = source.reload('SIGHUP');
  expect(result).toMatchObject({ applied: true, changed: ['people', 'teams'], needsRestart: [] });
  expect(source.current().people.get('bo')?.name).toBe('Bo Berg');
  expect(before.people.get('bo')?.name).toBe('Bo Lind');
  expect(lines).toMatchObject([
    { level: 'info', text: 'new configuration applied', fields: { by: 'SIGHUP', changed: ['people', 'teams'] } },
  ]);
  expect(source.reload('again')).toMatchObject({ applied: true, changed: [], digest: source.state().digest });
  expect(lines[1]).toMatchObject({ level: 'info', text: 'configuration unchanged' });
});

test('[CMD-11] a broken file is refused with every mistake and its line, and the last good one is kept', () => {
  const source = open();
  const before = source.current();
  const { digest } = source.state();
  write(GOOD.replace('onCall: ana', 'onCall: nobody').replace('organization', 'organisation'));
  const result = source.reload('SIGHUP');
  expect(problemsOf(result)).toEqual([
    expect.stringMatching(/^2 organisation: .*organization/),
    expect.stringMatching(/^7 teams\.platform\.onCall\[0\]: .*nobody/),
  ]);
  expect(source.current()).toBe(before);
  expect(source.state()).toMatchObject({ ok: false, digest });
  expect(lines).toMatchObject([{ level: 'error', text: 'new configuration refused; keeping the last good one' }]);
  expect(lines[0]?.fields['problems']).toHaveLength(2);
  write(GOOD);
  expect(source.reload('SIGHUP')).toMatchObject({ applied: true, changed: [] });
  expect(source.state().ok).toBe(true);
});

test('[CMD-11] no YAML, a secret that is gone, no file any more: refused; the sample never takes the place of a file', () => {
  const source = open();
  const before = source.current();
  write('people: {');
  expect(source.reload('x').applied).toBe(false);
  write(GOOD);
  rmSync(join(folder, 'token'));
  expect(problemsOf(source.reload('x'))).toEqual([expect.stringMatching(/alertmanager\.token: .*does not exist/)]);
  rmSync(file());
  expect(problemsOf(source.reload('x'))).toEqual([GONE]);
  expect(source.current()).toBe(before);
});

test('[CMD-11] the sample organization has no file to reload, until somebody writes one', () => {
  rmSync(file());
  const source = open([], loadConfig({ env: {}, cwd: folder, sampleToken: 'made-up-token' }));
  expect(problemsOf(source.reload('x'))).toEqual([GONE]);
  write(GOOD);
  expect(source.reload('x').applied).toBe(true);
  expect(source.current().file).toBe(file());
});

test('[CMD-11] secrets in files are read anew, though the file itself is the same', () => {
  const source = open();
  writeFileSync(join(folder, 'token'), 'second-token\n');
  expect(source.reload('x')).toMatchObject({ applied: true, changed: ['sources'] });
  expect(source.current().sources.get('alertmanager')?.token).toBe('second-token');
  expect(JSON.stringify(lines)).not.toContain('second-token');
});

test('[CMD-11] all or nothing: what cannot be made of it refuses it, and what was made already is let go', () => {
  const source = open();
  const [before, ended] = [source.current(), [] as string[]];
  const name = ({ people }: Config): string => people.get('ana')?.name ?? '';
  const first = reloadable(source, { create: name, end: (old) => void ended.push(old) });
  const leave = source.prepareOnReload((next) => {
    if (name(next) === 'Zoe') throw new TypeError('smtp://user:secret-password@mail');
    return { apply: () => undefined, discard: () => undefined };
  });
  write(GOOD.replace('Ana Ruiz', 'Zoe'));
  expect(problemsOf(source.reload('x'))).toEqual(['- : it is valid but could not be applied (TypeError)']);
  expect([source.current(), first.current(), ended]).toEqual([before, 'Ana Ruiz', ['Zoe']]);
  expect(JSON.stringify(lines)).not.toContain('secret-password');
  leave();
  expect(source.reload('x').applied).toBe(true);
  expect([first.current(), ended]).toEqual(['Zoe', ['Zoe']]);
});

test('[CMD-11] everything has changed before anybody hears of it, and reloads come one after the other', () => {
  const source = open();
  const seen: string[] = [];
  const name = ({ people }: Config): string => people.get('ana')?.name ?? '';
  const early = reloadable(source, { create: name });
  source.onApplied(() => void seen.push(`${name(source.current())} ${early.current()} ${late.current()}`));
  const late = reloadable(source, { create: name });
  for (const next of ['One', 'Two']) {
    write(GOOD.replace('Ana Ruiz', next));
    source.reload(next);
  }
  expect(seen).toEqual(['One One One', 'Two Two Two']);
});

test('[CMD-11] who does not hear of it in an orderly way keeps nobody else from it', () => {
  const source = open();
  const heard: number[] = [];
  source.onApplied(() => {
    throw new Error('a bug');
  });
  source.onApplied(() => void heard.push(1));
  write(GOOD.replace('Ana Ruiz', 'Zoe'));
  expect(source.reload('x').applied).toBe(true);
  expect(heard).toEqual([1]);
  expect(lines[0]).toMatchObject({ level: 'error', fields: { reason: 'Error' } });
});

test('[CMD-11] what needs a restart is named for as long as it differs from the start', () => {
  let port = 1;
  const source = open([
    { name: 'the port', read: () => port },
    { name: 'the rest', read: () => new Map([['a', { b: 1 }]]) },
  ]);
  expect(source.reload('x')).toMatchObject({ needsRestart: [] });
  port = 2;
  expect(source.reload('x')).toMatchObject({ changed: [], needsRestart: ['the port'] });
  expect(source.reload('x')).toMatchObject({ needsRestart: ['the port'] });
  port = 1;
  expect(source.reload('x')).toMatchObject({ needsRestart: [] });
});

describe('what is made of the configuration', () => {
  test('is given up once every call with it is over, and at once in the end', async () => {
    const source = open();
    const ended: string[] = [];
    const made = reloadable(source, {
      create: ({ people }) => people.get('ana')?.name ?? '',
      end: (old) => void ended.push(old),
      keepReplacedMs: 30,
    });
    write(GOOD.replace('Ana Ruiz', 'One'));
    source.reload('x');
    expect([made.current(), ended]).toEqual(['One', []]);
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(ended).toEqual(['Ana Ruiz']);
    write(GOOD.replace('Ana Ruiz', 'Two'));
    source.reload('x');
    made.close();
    expect(ended).toEqual(['Ana Ruiz', 'One', 'Two']);
    write(GOOD);
    source.reload('x');
    expect(made.current()).toBe('Two');
  });

  test('stays as it is while its own part is the same', () => {
    const source = open();
    const ended: unknown[] = [];
    const made = reloadable<{ token: string }>(source, {
      create: ({ sources }, before) => {
        const token = sources.get('alertmanager')?.token ?? '';
        return before?.token === token ? before : { token };
      },
      end: (old) => void ended.push(old),
    });
    const first = made.current();
    write(GOOD.replace('Ana Ruiz', 'Zoe'));
    source.reload('x');
    expect([made.current() === first, ended]).toEqual([true, []]);
    made.close();
    expect(ended).toEqual([first]);
  });
});

test('[CMD-11] every part of a configuration counts, wherever in maps and lists it stands', () => {
  const load = (text: string): Config => {
    write(text);
    return loadConfig({ env: {}, cwd: folder });
  };
  const base = load(GOOD);
  const changes: Record<string, string> = {
    people: GOOD.replace('9911/bo', '9911/bert'),
    routes: GOOD.replace('- team: platform', '- { team: platform, maxSeverity: SEV2 }'),
    severities: `${GOOD}severities: { SEV2: { acknowledgeWithin: 7m } }\n`,
    chat: `${GOOD}chat: { slack: { botToken: xoxb-1-2-3 } }\n`,
    heartbeats: `${GOOD}heartbeats: { Watchdog: { every: 5m } }\n`,
    lastResort: `${GOOD}lastResort: { after: 7s }\n`,
    publicUrl: `${GOOD}publicUrl: https://tocsin.example\n`,
  };
  for (const [section, text] of Object.entries(changes)) {
    const other = load(text);
    expect([section, changedSections(base, other)]).toEqual([section, [section]]);
    expect(configDigest(other)).not.toBe(configDigest(base));
  }
  expect(configDigest(load(`# the same\n${GOOD}`))).toBe(configDigest(base));
});
