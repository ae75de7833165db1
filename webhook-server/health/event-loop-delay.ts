/**
 * How late the event loop was since it was last asked: while one thing computes, every request waits, pages' answers
 * among them.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Gauge, type Registry } from 'prom-client';

/** The loop is looked at this often; it is part of what the histogram says. */
const RESOLUTION_MS = 10;
const NS_PER_S = 1e9;

/** Adds `tocsin_event_loop_delay_seconds{of="max"|"p99"}`: since the last scrape, which begins it anew. */
export function registerEventLoopDelay(registers: Registry[]): void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const seconds = (ns: number): number => Math.max(0, ns / NS_PER_S - RESOLUTION_MS / 1000);
  new Gauge({
    name: 'tocsin_event_loop_delay_seconds',
    help: 'How late the event loop was since the last scrape',
    labelNames: ['of'],
    registers,
    collect() {
      this.set({ of: 'max' }, delay.count === 0 ? 0 : seconds(delay.max));
      this.set({ of: 'p99' }, delay.count === 0 ? 0 : seconds(delay.percentile(99)));
      delay.reset();
    },
  });
}
