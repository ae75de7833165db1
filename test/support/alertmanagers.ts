/** Debian's Alertmanager, alone or in a cluster, told of alerts by its API as Prometheus tells it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningProcess } from './tocsin-processes.ts';
import { choosePorts } from './ports.ts';
import { isOk, startProcess } from './tocsin-processes.ts';

export interface Alertmanager {
  readonly url: string;
  /** Where it gossips. */
  readonly gossip: string;
  /** The alert fires, as of `startsAt`; told again, it is the same one. */
  fire(name: string, startsAt: Date): Promise<void>;
  /** The alert that started at `startsAt` is over. */
  end(name: string, startsAt: Date): Promise<void>;
  /** Stops it and starts it anew on the same data, gossiping with `peers` (none: alone). */
  restart(peers?: readonly string[]): Promise<void>;
  /** Members of its cluster, itself included. */
  members(): Promise<number>;
  stop(): Promise<void>;
}

interface Setting {
  readonly receiver: { readonly url: string; readonly token: string };
  /** Null: not clustered. */
  readonly peers: readonly string[] | null;
}

export async function startAlertmanager({ receiver, peers }: Setting): Promise<Alertmanager> {
  const dir = mkdtempSync(join(tmpdir(), 'tocsin-alertmanager-'));
  const [port = 0, gossipPort = 0] = await choosePorts(2);
  const url = `http://127.0.0.1:${port}`;
  writeFileSync(join(dir, 'alertmanager.yml'), yaml(receiver));
  let gossip = `127.0.0.1:${gossipPort}`;
  const run = (others: readonly string[] | null): Promise<RunningProcess> =>
    startProcess('prometheus-alertmanager', {
      args: [
        `--config.file=${dir}/alertmanager.yml`,
        `--storage.path=${dir}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
        `--cluster.listen-address=${others === null ? '' : gossip}`,
        '--cluster.settle-timeout=5s',
        '--cluster.peer-timeout=3s',
        '--cluster.gossip-interval=100ms',
        '--cluster.pushpull-interval=1s',
        ...(others ?? []).map((peer) => `--cluster.peer=${peer}`),
      ],
      env: {},
      ready: () => isOk(`${url}/-/ready`),
    });
  let running = await run(peers);
  return {
    url,
    get gossip() {
      return gossip;
    },
    fire: (name, startsAt) => report(url, name, { startsAt, endsAt: new Date(Date.now() + 600_000) }),
    end: (name, startsAt) => report(url, name, { startsAt, endsAt: new Date() }),
    restart: async (others) => {
      await running.stop();
      // At another address, where those who knew it do not find it.
      const [moved = 0] = await choosePorts(1);
      gossip = `127.0.0.1:${moved}`;
      running = await run(others ?? (peers === null ? null : []));
    },
    members: async () => {
      const { cluster } = (await (await fetch(`${url}/api/v2/status`)).json()) as { cluster: { peers?: unknown[] } };
      return cluster.peers?.length ?? 0;
    },
    stop: async () => {
      await running.kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

interface Span {
  readonly startsAt: Date;
  readonly endsAt: Date;
}

async function report(url: string, name: string, { startsAt, endsAt }: Span): Promise<void> {
  const alert = {
    labels: { alertname: name, severity: 'critical', service: 'payments' },
    annotations: { summary: `${name} is down` },
    startsAt: startsAt.toISOString(),
    endsAt: endsAt.toISOString(),
  };
  const answer = await fetch(`${url}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([alert]),
  });
  if (!answer.ok) throw new Error(`Alertmanager does not take the alert: ${answer.status} ${await answer.text()}`);
}

const yaml = ({ url, token }: Setting['receiver']): string => `
route: { receiver: tocsin, group_by: [alertname], group_wait: 1s, group_interval: 1s, repeat_interval: 2s }
receivers:
  - name: tocsin
    webhook_configs:
      - url: ${url}
        send_resolved: true
        http_config: { authorization: { credentials: ${token} } }
`;
