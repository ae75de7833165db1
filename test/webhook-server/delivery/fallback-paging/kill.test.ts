/** `kill -9` between spool, page and log: everybody is paged, and never under two keys. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { startPageSink } from '../../../support/page-sink.ts';
import { until } from '../../../support/until.ts';
import { sleep } from './fallback-paging-fixture.ts';

const KILLS = 20;
const PEOPLE = 1_500;
const home = mkdtempSync(join(tmpdir(), 'fallback-paging-kill-'));
const program = join(home, 'pager.mjs');

beforeAll(async () => {
  await build({
    ...{ entryPoints: [join(import.meta.dirname, 'paging-process.ts')], outfile: program },
    ...{ bundle: true, platform: 'node', format: 'esm', logLevel: 'error' },
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
}, 60_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));

test('[PAGE-40] killed twenty times between spool, page and log: everyone is paged, and never under two keys', async () => {
  const sink = await startPageSink(Array.from({ length: PEOPLE }, (_, n) => `p${n}`));
  const promised = new Set<string>();
  /** Lives until `end` resolves, then is killed. */
  async function live(end: () => Promise<unknown>): Promise<void> {
    const child = spawn(process.execPath, [program, join(home, 'spool'), sink.url, String(PEOPLE)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    await once(child.stdout, 'data');
    try {
      await end();
    } finally {
      child.kill('SIGKILL');
      await once(child, 'close');
    }
    for (const line of text.slice(0, text.lastIndexOf('\n')).split('\n')) if (line !== 'ready') promised.add(line);
  }
  const pagedGroups = (): ReadonlySet<string> => new Set(sink.received.map(({ page }) => page.incident.workflowId));

  for (let n = 0; n < KILLS; n += 1) await live(() => sleep(20 + Math.random() * 130));
  expect(promised.size).toBeGreaterThan(KILLS);
  const due = [...promised];
  await live(() => until(async () => due.every((group) => pagedGroups().has(group)), 30_000));

  const keys = new Map<string, Set<string>>();
  for (const { page } of sink.received) {
    const { workflowId } = page.incident;
    keys.set(workflowId, (keys.get(workflowId) ?? new Set()).add(`${page.to} ${page.key}`));
  }
  expect([...keys].filter(([, found]) => found.size > 1)).toEqual([]);
  const repeats = sink.received.length - keys.size;
  process.stdout.write(`${KILLS} kills: ${keys.size} people paged, ${repeats} pages repeated under their own key\n`);
  expect(repeats).toBeLessThan(KILLS * 20);
  expect(sink.unexpected).toEqual([]);
  await sink.close();
}, 240_000);
