/** Debian's Prometheus and Alertmanager, with rules on metrics that the test sets. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningProcess } from './tocsin-processes.ts';
import { choosePorts } from './ports.ts';
import { isOk, startProcess } from './tocsin-processes.ts';

export interface TestPrometheus {
  readonly alertmanagerUrl: string;
  /** The checkout goes down, or comes back. */
  setCheckoutUp(up: boolean): void;
  /** What else it measures from now on, in Prometheus' text format: `pg_up{instance="db-1:9187"} 0`. */
  setMetrics(lines: readonly string[]): void;
  /** Prometheus stands still: Alertmanager, not hearing of its alerts, ends them. It remembers when they started. */
  pausePrometheus(): void;
  resumePrometheus(): void;
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

/** Files of the test's own instead of one rule and one receiver. */
export interface MonitoringFiles {
  readonly rules: string;
  readonly alertmanager: string;
  /** Where nobody listens: a target that is down. */
  readonly deadTarget: { readonly job: string; readonly namespace: string };
}

export async function startPrometheus(monitored: Receiver | MonitoringFiles): Promise<TestPrometheus> {
  const files = 'rules' in monitored ? monitored : filesFor(monitored);
  const dir = mkdtempSync(join(tmpdir(), 'tocsin-monitoring-'));
  const [metricsPort = 0, prometheusPort = 0, alertmanagerPort = 0, deadPort = 0] = await choosePorts(4);
  let up = true;
  let measured: readonly string[] = [];
  const metrics = await serveMetrics(metricsPort, () => [`checkout_up ${up ? 1 : 0}`, ...measured]);
  const deadTarget = files.deadTarget === null ? '' : deadTargetYaml(files.deadTarget, deadPort);
  writeFileSync(join(dir, 'prometheus.yml'), prometheusYaml({ metricsPort, alertmanagerPort }) + deadTarget);
  writeFileSync(join(dir, 'rules.yml'), files.rules);
  writeFileSync(join(dir, 'alertmanager.yml'), files.alertmanager);
  const alertmanager = await runAlertmanager(dir, alertmanagerPort);
  const prometheus = await runPrometheus(dir, prometheusPort);
  return {
    alertmanagerUrl: `http://127.0.0.1:${alertmanagerPort}`,
    setCheckoutUp: (next) => {
      up = next;
    },
    setMetrics: (lines) => {
      measured = lines;
    },
    pausePrometheus: () => void process.kill(prometheus.pid, 'SIGSTOP'),
    resumePrometheus: () => void process.kill(prometheus.pid, 'SIGCONT'),
    stopPrometheus: () => prometheus.kill(),
    stop: async () => {
      await Promise.all([alertmanager.kill(), prometheus.kill()]);
      metrics.closeAllConnections();
      await new Promise((resolve) => metrics.close(resolve));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function serveMetrics(port: number, lines: () => readonly string[]): Promise<Server> {
  const server = createServer((_req, res) => {
    res.setHeader('content-type', 'text/plain; version=0.0.4');
    res.end(`${lines().join('\n')}\n`);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

const runAlertmanager = (dir: string, port: number): Promise<RunningProcess> =>
  startProcess('prometheus-alertmanager', {
    args: [
      `--config.file=${dir}/alertmanager.yml`,
      `--storage.path=${dir}/alertmanager`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ],
    env: {},
    ready: () => isOk(`http://127.0.0.1:${port}/-/ready`),
  });

const runPrometheus = (dir: string, port: number): Promise<RunningProcess> =>
  startProcess('prometheus', {
    args: [
      `--config.file=${dir}/prometheus.yml`,
      `--storage.tsdb.path=${dir}/prometheus`,
      `--web.listen-address=127.0.0.1:${port}`,
      // An alert ends four of these after Prometheus fell silent; its default is a minute.
      '--rules.alert.resend-delay=1s',
    ],
    env: {},
    ready: () => isOk(`http://127.0.0.1:${port}/-/ready`),
  });

// Metrics keep the job, instance and namespace that the test gives them.
const prometheusYaml = ({ metricsPort, alertmanagerPort }: { metricsPort: number; alertmanagerPort: number }) => `
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [rules.yml]
alerting:
  alertmanagers:
    - static_configs: [{ targets: ['127.0.0.1:${alertmanagerPort}'] }]
scrape_configs:
  - job_name: checkout
    honor_labels: true
    static_configs: [{ targets: ['127.0.0.1:${metricsPort}'] }]
`;

const deadTargetYaml = ({ job, namespace }: MonitoringFiles['deadTarget'], port: number) => `
  - job_name: ${job}
    static_configs: [{ targets: ['127.0.0.1:${port}'], labels: { namespace: ${namespace} } }]
`;

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

const filesFor = ({ url, token, watchdog = false }: Receiver) => ({
  rules: watchdog ? RULES + WATCHDOG : RULES,
  deadTarget: null,
  alertmanager: `
route: { receiver: tocsin, group_by: [alertname], group_wait: 1s, group_interval: ${watchdog ? '1s, repeat_interval: 1s' : '2s, repeat_interval: 1h'} }
receivers:
  - name: tocsin
    webhook_configs:
      - url: ${url}
        send_resolved: true
        http_config: { authorization: { credentials: ${token} } }
`,
});
