/** What a rebuild from the histories of an earlier version gives: nothing of theirs may be lost by what has been added since. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { loadConfig } from '../../config/load.ts';
import { openRecords, type Records } from '../../records/open-records.ts';
import { rebuildRecords } from '../../worker/rebuild-records.ts';
import { systemTestYaml, SYSTEM_TEST_SECRETS } from '../support/system-test-config.ts';

const HISTORY = fileURLToPath(new URL('../replay/0.2.0/inactivity-1.json', import.meta.url));
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

let home: string;
let records: Records;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'tocsin-rebuild-'));
  const directories = { directory: join(home, 'database'), archiveDirectory: home, exportDirectory: home };
  records = openRecords({ ...directories, timeZone: 'UTC', log: SILENT });
  await records.ready();
}, 60_000);
afterAll(async () => {
  await records.close();
  rmSync(home, { recursive: true, force: true });
});

/** A Temporal that knows one run. */
function clientWith(file: string): Client {
  const history = historyFromJSON(JSON.parse(readFileSync(file, 'utf8')));
  const workflow = {
    async *list() {
      yield { workflowId: 'inc-scenario-1', runId: 'r1' };
    },
    getHandle: () => ({ fetchHistory: () => Promise.resolve(history) }),
  };
  return { workflow } as unknown as Client;
}

test('[REC-8] the records of 0.2.0 are rebuilt, and an alert of an open incident finds its run', async () => {
  const path = join(home, 'tocsin.yaml');
  writeFileSync(path, systemTestYaml({ sink: 'http://127.0.0.1:1', publicUrl: 'http://127.0.0.1:1' }));
  const config = loadConfig({ path, env: SYSTEM_TEST_SECRETS });
  const client = clientWith(HISTORY);
  const soFar: number[] = [];
  for (let again = 0; again < 2; again += 1) {
    await rebuildRecords({ client, config, records, onProgress: ({ batches }) => soFar.push(batches) });
    const { incidents } = await records.list({});
    expect(incidents).toMatchObject([
      { workflowId: 'inc-scenario-1', firingCount: 1, alerts: [{ fingerprint: 'f1' }] },
    ]);
    const query = { source: 'alertmanager', fingerprints: ['f1'], messageGroup: null };
    expect(await records.findAlertOwners(query)).toMatchObject([{ fingerprint: 'f1', workflowId: 'inc-scenario-1' }]);
  }
  expect(soFar).toEqual([soFar[0], soFar[0]]);
  expect(soFar[0]).toBeGreaterThan(1);
});
