/**
 * What a worker's `/metrics` reports of pages. Labels hold only our own names (kinds of contacts, results), never who was
 * paged or for what.
 */
import { Counter, Histogram, type Registry } from 'prom-client';
import type { PageMetrics } from '../activities/ports.ts';

export function createPageMetrics(registry: Registry): PageMetrics {
  const registers = [registry];
  const pages = new Counter({
    name: 'tocsin_pages_total',
    help: 'Pages by contact method: accepted by the provider, failed and tried again (each try), or given up',
    labelNames: ['method', 'result'],
    registers,
  });
  const latency = new Histogram({
    name: 'tocsin_page_latency_seconds',
    help: "From the receipt of the alert, the declaration, or a later page's due time to the provider's acceptance",
    labelNames: ['method'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    registers,
  });
  return {
    tried: (name, result, latencyMs) => {
      const method = kindOf(name);
      pages.inc({ method, result });
      if (latencyMs !== null) latency.observe({ method }, latencyMs / 1000);
    },
  };
}

/** A person's second webhook is `webhook-2`. */
const kindOf = (method: string): string => method.replace(/-\d+$/, '');
