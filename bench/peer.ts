/** What is measured against each other: how to start each, send it an alert and read its page. */
import type { BenchRequest } from './client.ts';
import type { ReadPage } from './sink.ts';

/** Where one run of a peer lives. The same place again after a kill: state and ports survive. */
export interface PeerPaths {
  /** Empty at first; holds all state and `peer.log`. */
  readonly home: string;
  readonly port: number;
  readonly temporalPort: number;
  readonly temporalUiPort: number;
  readonly sinkPort: number;
  readonly slackPort: number;
  /** Postgres for the peer's records; unless given, its own. */
  readonly databaseUrl?: string;
}

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Peer {
  readonly name: string;
  /** Why it cannot run on this machine; null when it can. */
  unavailable(): string | null;
  /** Prepares `home` (idempotent) and says what to run. */
  launch(place: PeerPaths): Launch;
  /** Answers 200 when the peer takes alerts. */
  readonly readyPath: string;
  /** A GET that is answered with 200 when what starts behind the alerts has started as well; unless given, nothing does. */
  readonly settled?: Pick<BenchRequest, 'path' | 'headers'>;
  request(alert: string): BenchRequest;
  readonly readPage: ReadPage;
}

/** The labels of a benchmark alert: the same for every peer. */
export function benchLabels(alert: string): Readonly<Record<string, string>> {
  return { alertname: alert, severity: 'critical', service: alert, instance: 'host-1:9100', job: 'bench' };
}

/** Alertmanager's own webhook, version 4, with one firing alert that is a group of its own. */
export function alertmanagerWebhook(alert: string, labels = benchLabels(alert)): unknown {
  const annotations = { summary: `bench ${alert}` };
  return {
    version: '4',
    groupKey: `{}:{alertname="${alert}"}`,
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'tocsin',
    groupLabels: { alertname: alert },
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: 'http://127.0.0.1:9093',
    alerts: [
      {
        status: 'firing',
        labels,
        annotations,
        startsAt: new Date().toISOString(),
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: 'http://127.0.0.1/g',
        fingerprint: Buffer.from(alert).toString('hex').slice(-16).padStart(16, '0'),
      },
    ],
  };
}
