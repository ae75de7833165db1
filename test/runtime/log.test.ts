import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLogFile, FROM_TEMPORAL_SDK, createLog, problemLogLine, readableLogLine } from '../../runtime/log.ts';

test('a line for people: time, level, words, fields, the reason', () => {
  const line = {
    level: 'warn',
    time: '2026-01-02T14:30:05.123Z',
    to: 'ana',
    msg: 'no answer',
    err: { message: 'late' },
  };
  expect(readableLogLine(JSON.stringify(line))).toBe('14:30:05 warn  no answer to=ana late');
});

test('the terminal of `up` shows a problem in words, and nothing that only the SDK says', () => {
  const line = {
    level: 'warn',
    time: '2026-01-02T14:30:05.123Z',
    to: 'ana',
    msg: 'no answer',
    err: { message: 'late' },
  };
  expect(problemLogLine(JSON.stringify(line))).toBe('! no answer (late)');
  expect(problemLogLine(JSON.stringify({ ...line, ...FROM_TEMPORAL_SDK }))).toBeNull();
});

test('what came from outside cannot drive the terminal', () => {
  const line = { level: 'info', time: '2026-01-02T14:30:05.123Z', title: '\u001b[2Jgone\nfake', msg: 'x' };
  expect(readableLogLine(JSON.stringify(line))).not.toMatch(/\p{Cc}/u);
});

test('secrets of vendors and of the database are never written, in a setting or by themselves', () => {
  const dir = mkdtempSync(join(tmpdir(), 'tocsin-log-'));
  const path = join(dir, 'x.log');
  const written: string[] = [];
  const { stderr } = process;
  const write = stderr.write.bind(stderr);
  stderr.write = (text) => written.push(String(text)) > 0;
  try {
    const log = createLog({ level: 'info', file: path });
    const secrets = { botToken: 'hush', signingSecret: 'hush', routingKey: 'hush', apiKey: 'hush', smtp: 'hush' };
    log.info({ ...secrets, databaseUrl: 'hush', pageId: 'seen' }, 'alone');
    log.info({ setting: { ...secrets, databaseUrl: 'hush', pageId: 'seen' } }, 'one deep');
  } finally {
    stderr.write = write;
  }
  for (const text of [written.join(''), readFileSync(path, 'utf8')]) {
    expect(text).not.toContain('hush');
    expect(text.match(/seen/g)).toHaveLength(2);
  }
  rmSync(dir, { recursive: true });
});

test('the file never grows beyond its bound and keeps the lines before', () => {
  const dir = mkdtempSync(join(tmpdir(), 'tocsin-log-'));
  const path = join(dir, 'logs', 'x.log');
  const file = openLogFile(path, 100);
  for (let n = 0; n < 30; n++) file.write(`line ${n} of some length\n`);
  file.close();
  expect(statSync(path).size).toBeLessThanOrEqual(100);
  expect(readFileSync(path, 'utf8')).toContain('line 29');
  expect(readFileSync(`${path}.1`, 'utf8')).not.toContain('line 29');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  rmSync(dir, { recursive: true });
});
