/** A storm with the settings as shipped: when is every alert durable, and when has a page named it? */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchRequest } from './client.ts';
import { generateLoad, type LoadResult } from './load-generator.ts';
import type { Options } from './options.ts';
import type { Sink } from './sink.ts';
import { round } from './stats.ts';

export interface NamedStorm {
  readonly alerts: number;
  readonly sent: LoadResult;
  /** From the last POST to the last 2xx, s. */
  readonly durableAfter: number;
  /** From the last POST until pages had named every alert, s; what was never named counts as the whole wait. */
  readonly namedAfter: number;
  /** Alerts that no page named. */
  readonly lost: number;
  /** Pages, by idempotency key. */
  readonly pages: number;
}

const NAMED_WITHIN_MS = 120_000;

export async function measureNamedStorm(
  {
    port,
    sink,
    request,
  }: { readonly port: number; readonly sink: Sink; readonly request: (n: number) => BenchRequest },
  { intakeStorm: alerts, connections }: Pick<Options, 'intakeStorm' | 'connections'>,
): Promise<NamedStorm> {
  let lastSent = 0;
  const noting = (n: number): BenchRequest => {
    lastSent = performance.now();
    return request(n);
  };
  const sent = await generateLoad({ port, connections, request: noting }, { over: () => false, count: alerts });
  const durableAt = performance.now();
  const all = Array.from({ length: alerts }, (_, n) => `knamed-${n}`);
  const missing = (): string[] => all.filter((alert) => !sink.firstPageAt.has(alert));
  while (performance.now() - lastSent < NAMED_WITHIN_MS && missing().length > 0) await sleep(500);
  const lost = missing().length;
  const lastNamed = lost > 0 ? performance.now() : Math.max(lastSent, ...sink.firstPageAt.values());
  return {
    alerts,
    sent,
    durableAfter: round((durableAt - lastSent) / 1000),
    namedAfter: round((lastNamed - lastSent) / 1000),
    lost,
    pages: sink.pages(),
  };
}
