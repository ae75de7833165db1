/**
 * What `/metrics` reports. Labels hold only our own names (route patterns, sources, reasons), never anything that was
 * sent.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ConfigSource } from '../../config/config-source.ts';
import type { IncidentsGateway } from '../incidents/gateway.ts';

export interface ServerMetrics {
  readonly registry: Registry;
  readonly requests: Counter<'route' | 'method' | 'code'>;
  readonly seconds: Histogram<'route'>;
  readonly alerts: Counter<'source' | 'status'>;
  readonly severityGuessed: Counter<'source'>;
  readonly rejected: Counter<'source' | 'reason'>;
  readonly spooled: Gauge;
  readonly spoolWritable: Gauge;
  readonly temporalUp: Gauge;
  readonly recordsUp: Gauge;
  readonly stormsOpen: Gauge;
  /** The gateway's counters since the start. */
  readonly gatewayCounters: Readonly<Record<keyof ReturnType<IncidentsGateway['counts']>, Counter>>;
}

export function createServerMetrics(registry = new Registry()): ServerMetrics {
  const registers = [registry];
  registerEventLoopDelay(registers);
  return {
    registry,
    requests: new Counter({
      name: 'tocsin_http_requests_total',
      help: 'Requests answered, by route pattern and status code',
      labelNames: ['route', 'method', 'code'],
      registers,
    }),
    seconds: new Histogram({
      name: 'tocsin_http_request_seconds',
      help: 'From the request line to the end of the answer',
      labelNames: ['route'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1, 2.5, 5, 15],
      registers,
    }),
    alerts: new Counter({
      name: 'tocsin_ingest_alerts_total',
      help: 'Alerts made durable',
      labelNames: ['source', 'status'],
      registers,
    }),
    severityGuessed: new Counter({
      name: 'tocsin_severity_guessed_total',
      help: 'Firing alerts without a known severity, taken for SEV3: severityLabels or a route can say what they are',
      labelNames: ['source'],
      registers,
    }),
    rejected: new Counter({
      name: 'tocsin_ingest_rejected_total',
      help: 'Messages of senders that were refused: each may be a page that comes late',
      labelNames: ['source', 'reason'],
      registers,
    }),
    spooled: new Gauge({ name: 'tocsin_spool_waiting', help: 'Routed alerts that wait for Temporal', registers }),
    spoolWritable: new Gauge({ name: 'tocsin_spool_writable', help: '1 while the spool can take more', registers }),
    temporalUp: new Gauge({ name: 'tocsin_temporal_up', help: '1 while Temporal answers', registers }),
    recordsUp: new Gauge({ name: 'tocsin_records_up', help: '1 while the database of the records answers', registers }),
    stormsOpen: new Gauge({ name: 'tocsin_storms_open', help: 'Teams whose alerts join a storm', registers }),
    gatewayCounters: createGatewayCounters(registers),
  };
}

function createGatewayCounters(registers: Registry[]): ServerMetrics['gatewayCounters'] {
  const counter = (name: string, help: string): Counter => new Counter({ name, help, registers });
  return {
    batches: counter('tocsin_ingest_batches_total', 'Batches of alerts that Temporal acknowledged'),
    rejectedByTemporal: counter(
      'tocsin_ingest_dead_letters_total',
      'Routed alerts that Temporal refused for good and that were set aside',
    ),
    notDurable: counter('tocsin_ingest_not_durable_total', 'Routed alerts that nobody took: the sender got a 503'),
    spooled: counter('tocsin_spool_written_total', 'Routed alerts written to the spool'),
    replayed: counter('tocsin_spool_replayed_total', 'Routed alerts taken out of the spool again'),
    joinedStorm: counter(
      'tocsin_storm_folded_total',
      'Routed alerts that joined a storm instead of opening an incident',
    ),
    suppressed: counter('tocsin_maintenance_suppressed_total', 'Routed alerts that maintenance held back'),
    endsDropped: counter('tocsin_ends_dropped_total', 'Ends of alerts that no incident has had for ten minutes'),
    corruptSpoolLines: counter('tocsin_spool_corrupt_total', 'Lines of the spool that could not be read'),
  };
}

/** How often the event loop is sampled; the histogram's values include it. */
const RESOLUTION_MS = 10;
const NS_PER_S = 1e9;

/** Adds `tocsin_event_loop_delay_seconds{of="max"|"p99"}` since the last scrape; each scrape resets it. */
function registerEventLoopDelay(registers: Registry[]): void {
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

export function registerReloadMetrics(source: Pick<ConfigSource, 'state'>, registry: Registry): void {
  const registers = [registry];
  new Gauge({
    name: 'tocsin_config_last_reload_successful',
    help: '0 while the file that was offered last is refused and an older configuration holds',
    registers,
    collect() {
      this.set(source.state().ok ? 1 : 0);
    },
  });
  new Gauge({
    name: 'tocsin_config_last_reload_success_timestamp_seconds',
    help: 'When the configuration was last read and found good',
    registers,
    collect() {
      this.set(source.state().appliedAt / 1000);
    },
  });
}
