/** The spool alone, on this machine's disk: appends a second while many wait at once, each answered after its fsync. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '../config/load.ts';
import type { RoutedAlerts } from '../webhook-server/incidents/gateway.ts';
import { readBody } from '../webhook-server/ingest/parsing/read-body.ts';
import { openSpool } from '../webhook-server/delivery/spool/spool.ts';
import { alertmanagerWebhook } from './peer.ts';
import { round, summarize, type Summary } from './stats.ts';

export interface SpoolResult {
  readonly perSecond: number;
  readonly append: Summary;
  readonly bytesEach: number;
}

const SECONDS = 5;
/** As many as connections of a storm. */
const AT_ONCE = 64;

export async function measureSpool(): Promise<SpoolResult> {
  const directory = await mkdtemp(path.join(tmpdir(), 'tocsin-bench-spool-'));
  const say = (): void => undefined;
  const spool = await openSpool({ directory, log: { info: say, warn: say, error: say } });
  const [routed] = routedAlerts();
  if (routed === undefined) throw new Error('the benchmark’s own alert is none');
  const times: number[] = [];
  const begun = performance.now();
  const writer = async (): Promise<void> => {
    while (performance.now() - begun < SECONDS * 1000) {
      const from = performance.now();
      await spool.append(routed);
      times.push(performance.now() - from);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, writer));
    const perSecond = round(times.length / ((performance.now() - begun) / 1000));
    return { perSecond, append: summarize(times), bytesEach: JSON.stringify(routed).length };
  } finally {
    await spool.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** What one alert of the benchmark becomes: policy, labels and all. */
function routedAlerts(): readonly RoutedAlerts[] {
  const env = { ALERTMANAGER_TOKEN: 'bench', SLACK_BOT_TOKEN: 'bench' };
  const config = loadConfig({ path: path.resolve('bench/tocsin.bench.yaml'), env });
  const bytes = Buffer.from(JSON.stringify(alertmanagerWebhook('kspool-1')));
  return readBody({ bytes, source: 'alertmanager', receivedAt: Date.now() }, config).routedAlerts;
}
