/** `kill -9` at any moment: whatever was answered for is there afterwards, and the next owner need not wait. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { openSpool } from '../../../../webhook-server/delivery/spool/spool.ts';
import { silentLog } from '../../support/routed-alerts.ts';

const ROUNDS = 5;
const home = mkdtempSync(join(tmpdir(), 'spool-kill-'));
const program = join(home, 'appender.mjs');

beforeAll(async () => {
  await build({
    entryPoints: [join(import.meta.dirname, 'appending-process.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Lets a process append for a while, kills it, and answers with the ids that it had been promised. */
async function appendAndDie(directory: string, livesMs: number): Promise<string[]> {
  const child = spawn(process.execPath, [program, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  await once(child.stdout, 'data');
  await sleep(livesMs);
  child.kill('SIGKILL');
  await once(child, 'close');
  return text.slice(0, text.lastIndexOf('\n')).split('\n');
}

test('every append that resolved is there after kill -9, however often', async () => {
  const directory = join(home, 'spool');
  const promised: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    promised.push(...(await appendAndDie(directory, 50 + round * 37)));
  }
  const spool = await openSpool({ directory, log: silentLog() });
  const entries = (await spool.backlog()).alerts;
  const kept = new Set(await Promise.all(entries.map(async (entry) => (await entry.read()).declaration.workflowId)));
  await spool.close();
  expect(promised.length).toBeGreaterThan(ROUNDS * 20);
  expect(promised.filter((id) => !kept.has(id))).toEqual([]);
}, 60_000);
