/** Debian's Prometheus and Alertmanager, with one rule on a metric that the test sets. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningProcess } from './tocsin-processes.ts';
import { choosePorts } from './ports.ts';
import { isOk, startProcess } from './tocsin-processes.ts';

export interface TestPrometheus {
  /** The checkout goes down, or comes back. */
  setCheckoutUp(up: boolean): void;
  /** Prometheus is gone; Alertmanager is not. */
  stopPrometheus(): Promise<void>;
  stop(): Promise<void>;
}

interface Receiver {
  readonly url: string;
  readonly token: string;
  /** With a rule that always fires, told every few seconds. */
  readonly watchdog?: boolean;
}

export async function startPrometheus(receiver: Receiver): Promise<TestPrometheus> {
  const dir = mkdtempSync(join(tmpdir(), 'tocsin-monitoring-'));
  const [metricsPort = 0, prometheusPort = 0, alertmanagerPort = 0] = await choosePorts(3);
  let up = true;
  const metrics = createServer((_req, res) => {
    res.setHeader('content-type', 'text/plain; version=0.0.4');
    res.end(`checkout_up ${up ? 1 : 0}\n`);
  });
  await new Promise<void>((resolve) => metrics.listen(metricsPort, '127.0.0.1', resolve));
  writeFileSync(join(dir, 'prometheus.yml'), prometheusYaml({ metricsPort, alertmanagerPort }));
  writeFileSync(join(dir, 'rules.yml'), receiver.watchdog ? RULES + WATCHDOG : RULES);
  writeFileSync(join(dir, 'alertmanager.yml'), alertmanagerYaml(receiver));
  const processes: RunningProcess[] = [];
  processes.push(
    await startProcess('prometheus-alertmanager', {
      args: [
        `--config.file=${dir}/alertmanager.yml`,
        `--storage.path=${dir}/alertmanager`,
        `--web.listen-address=127.0.0.1:${alertmanagerPort}`,
        '--cluster.listen-address=',
      ],
      env: {},
      ready: () => isOk(`http://127.0.0.1:${alertmanagerPort}/-/ready`),
    }),
  );
  processes.push(
    await startProcess('prometheus', {
      args: [
        `--config.file=${dir}/prometheus.yml`,
        `--storage.tsdb.path=${dir}/prometheus`,
        `--web.listen-address=127.0.0.1:${prometheusPort}`,
        // An alert ends four of these after Prometheus fell silent; its default is a minute.
        '--rules.alert.resend-delay=1s',
      ],
      env: {},
      ready: () => isOk(`http://127.0.0.1:${prometheusPort}/-/ready`),
    }),
  );
  return {
    setCheckoutUp: (next) => {
      up = next;
    },
    stopPrometheus: async () => processes[1]?.kill(),
    stop: async () => {
      await Promise.all(processes.map((running) => running.kill()));
      metrics.closeAllConnections();
      await new Promise((resolve) => metrics.close(resolve));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function prometheusYaml({ metricsPort, alertmanagerPort }: { metricsPort: number; alertmanagerPort: number }): string {
  return `
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [rules.yml]
alerting:
  alertmanagers:
    - static_configs: [{ targets: ['127.0.0.1:${alertmanagerPort}'] }]
scrape_configs:
  - job_name: checkout
    static_configs: [{ targets: ['127.0.0.1:${metricsPort}'] }]
`;
}

const RULES = `
groups:
  - name: checkout
    rules:
      - alert: CheckoutDown
        expr: checkout_up == 0
        labels: { severity: page, service: payments }
        annotations: { summary: Checkout is down, runbook_url: 'https://runbooks.example.com/checkout' }
`;

const WATCHDOG = `
      - alert: Watchdog
        expr: vector(1)
        labels: { severity: none }
        annotations: { summary: Alerting works }
`;

function alertmanagerYaml({ url, token, watchdog = false }: Receiver): string {
  return `
route: { receiver: tocsin, group_by: [alertname], group_wait: 1s, group_interval: ${watchdog ? '1s, repeat_interval: 1s' : '2s, repeat_interval: 1h'} }
receivers:
  - name: tocsin
    webhook_configs:
      - url: ${url}
        send_resolved: true
        http_config: { authorization: { credentials: ${token} } }
`;
}
