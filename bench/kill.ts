/**
 * SIGKILL in mid-storm: when half of the alerts are acknowledged, the peer's process group, or everything below it
 * too, dies and starts again on the same state. Every acknowledged alert must be paged, and any repeat must carry its first key.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { measureStorm, type StormResult, type Target } from './load.ts';
import type { Options } from './options.ts';
import type { Peer } from './peer.ts';
import { startPeer, type Running, type Victims } from './start-peer.ts';
import { withPeerPaths } from './rounds.ts';

export interface KillResult extends StormResult {
  readonly peer: string;
  readonly killed: Victims;
  readonly ackedAtKill: number;
  readonly pagedAtKill: number;
  /** From the second spawn to ready, ms. */
  readonly readyAgainMs: number;
  /** Every acknowledged alert was paged, none under two keys. */
  readonly kept: boolean;
}

const DOWN_MS = 200;
const SENDERS = 32;

export function measureKill(peer: Peer, killed: Victims, { storm: n }: Options): Promise<KillResult> {
  return withPeerPaths(peer, async (place, sink) => {
    let running: Running = await startPeer(peer, place);
    let restarting: Promise<void> | null = null;
    let [ackedAtKill, pagedAtKill] = [0, 0];
    const restart = async (): Promise<void> => {
      await running.kill(killed);
      await sleep(DOWN_MS);
      running = await startPeer(peer, place);
    };
    const target: Target = { port: place.port, sink, request: (alert) => peer.request(alert) };
    const onAck = (count: number): void => {
      if (count < n / 2 || restarting !== null) return;
      [ackedAtKill, pagedAtKill] = [count, sink.firstPageAt.size];
      restarting = restart();
      restarting.catch(() => {}); // awaited below; until then not an unhandled rejection
    };
    try {
      const result = await measureStorm(target, { prefix: 'kkill', n, connections: SENDERS, onAck });
      await (restarting as Promise<void> | null);
      await sleep(4000); // late repeats
      const doubled = [...sink.pagesOf.values()].filter((pages) => pages > 1).length;
      const kept = result.acked === n && result.unpaged === 0 && doubled === 0;
      const repeats = sink.repeats();
      return {
        ...result,
        doubled,
        repeats,
        peer: peer.name,
        killed,
        ackedAtKill,
        pagedAtKill,
        readyAgainMs: running.readyMs,
        kept,
      };
    } finally {
      await running.stop();
    }
  });
}
