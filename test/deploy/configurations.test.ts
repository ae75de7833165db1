/** The mounted configurations, read by the programs that will read them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { loadConfig } from '../../config/load.ts';
import { createPageMetrics } from '../../worker/page-metrics.ts';
import { createServerMetrics, registerReloadMetrics } from '../../webhook-server/health/metrics.ts';
import { areInstalled } from '../support/if-installed.ts';
import { fillIn, generated, read, ROOT, sampleValues, service } from './compose-file.ts';

const installed = areInstalled(['promtool', 'amtool']);
const run = (program: string, ...args: readonly string[]): string =>
  execFileSync(program, args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

(installed ? describe : describe.skip)('the programs themselves', () => {
  test('Prometheus takes its configuration and its rules', () => {
    expect(run('promtool', 'check', 'config', 'deploy/prometheus/prometheus.yml')).toContain('rules found');
  });

  test('Alertmanager takes its configuration', () => {
    expect(run('amtool', 'check-config', 'deploy/alertmanager/alertmanager.yml')).toContain('SUCCESS');
  });

  test.each([
    ['what Tocsin can page', ['service=payments', 'severity=critical'], 'tocsin'],
    ['what says that Tocsin cannot', ['alertname=TocsinDown', 'via=outside'], 'outside'],
  ])('%s goes where it is of use', (_, labels, receiver) => {
    const args = ['config', 'routes', 'test', '--config.file=deploy/alertmanager/alertmanager.yml', ...labels];
    expect(run('amtool', ...args).trim()).toBe(receiver);
  });

  test('each rule fires when it should, not before, and not without reason', () => {
    const dir = mkdtempSync(join(tmpdir(), 'rules-'));
    try {
      writeFileSync(join(dir, 'rules.yml'), withoutAnnotations(read('deploy/prometheus/rules/tocsin.yml')));
      writeFileSync(join(dir, 'test.yml'), stringify(RULES_TEST));
      expect(run('promtool', 'test', 'rules', join(dir, 'test.yml'))).toContain('SUCCESS');
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

/** promtool compares annotations word by word; what matters here is when an alert fires, with which labels. */
function withoutAnnotations(rules: string): string {
  const { groups } = parse(rules);
  for (const { rules: each } of groups) for (const rule of each) delete rule.annotations;
  return stringify({ groups });
}

const REJECTED = 'tocsin_ingest_rejected_total{job="tocsin",source="grafana",reason="unauthenticated"}';
const fires = (alertname: string, minutes: number, labels: Record<string, string> | null): object => ({
  alertname,
  eval_time: `${minutes}m`,
  exp_alerts: labels === null ? [] : [{ exp_labels: { service: 'tocsin', ...labels } }],
});
const CRITICAL = { severity: 'critical', via: 'outside' };
const WARNING = { severity: 'warning', source: 'grafana', reason: 'unauthenticated' };

/** Minute by minute. */
const RULES_TEST = {
  rule_files: ['rules.yml'],
  tests: [
    {
      interval: '1m',
      input_series: [
        { series: 'up{job="tocsin",instance="a"}', values: '1x10 0x20' },
        { series: 'up{job="tocsin",instance="b"}', values: '1x20 0x10' },
        { series: 'tocsin_temporal_up{job="tocsin"}', values: '1x10 0x20' },
        { series: 'tocsin_spool_waiting{job="tocsin"}', values: '0x10 3x20' },
        { series: 'tocsin_config_last_reload_successful{job="tocsin"}', values: '1x10 0x20' },
        { series: REJECTED, values: '_x10 1x30' },
        { series: 'alertmanager_notifications_failed_total{integration="webhook"}', values: '0x10 1+1x20' },
      ],
      alert_rule_test: [
        ['Watchdog', 0, { severity: 'none', via: 'outside' }],
        ['TocsinDown', 15, null],
        ['TocsinDown', 23, CRITICAL],
        ['TocsinCannotReachTemporal', 9, null],
        ['TocsinCannotReachTemporal', 14, CRITICAL],
        ['TocsinSpoolWaits', 12, null],
        ['TocsinSpoolWaits', 17, CRITICAL],
        ['TocsinRefusesAlerts', 8, null],
        ['TocsinRefusesAlerts', 12, WARNING],
        ['TocsinRefusesAlerts', 29, null],
        ['TocsinConfigurationRefused', 19, null],
        ['TocsinConfigurationRefused', 22, { severity: 'warning' }],
        ['AlertmanagerCannotDeliver', 9, null],
        ['AlertmanagerCannotDeliver', 18, { ...CRITICAL, service: 'alertmanager' }],
      ].map(([name, minutes, labels]) => fires(name as string, minutes as number, labels as Record<string, string>)),
    },
  ],
};

describe('Tocsin', () => {
  const { environment = {} } = service('tocsin-server');
  const env = Object.fromEntries(Object.entries(environment).map(([key, text]) => [key, fillIn(text, sampleValues)]));
  const file = join(ROOT, 'deploy/tocsin/tocsin.yaml');

  test('takes its configuration with what the compose file gives it, and knows every sender', () => {
    const config = loadConfig({ path: file, env });
    expect(config.publicUrl).toBe('http://127.0.0.1:8080');
    expect([...config.sources.keys()].sort()).toEqual(['alertmanager', 'generic', 'grafana']);
    expect(config.notSupportedYet).toEqual([]);
    expect(config.warnings).toEqual([
      expect.stringContaining('opens on this machine only'),
      expect.stringContaining('without a phone-grade method'),
    ]);
  });

  test('has no secret in its configuration, and takes none that nobody sets', () => {
    const names = [...read('deploy/tocsin/tocsin.yaml').matchAll(/\$\{([A-Z_]+)\}/g)].map(([, name = '']) => name);
    expect(names.filter((name) => environment[name] === undefined)).toEqual([]);
    expect(generated).toEqual(expect.arrayContaining(['ALERTMANAGER_TOKEN', 'GRAFANA_TOKEN', 'GENERIC_TOKEN']));
  });
});

test('Alertmanager shows its token, from the file that compose puts there, to the address that takes it', () => {
  const { receivers } = parse(read('deploy/alertmanager/alertmanager.yml'));
  const [webhook] = receivers.find(({ name }: { name: string }) => name === 'tocsin').webhook_configs;
  expect(webhook.url).toBe('http://tocsin-server:8080/webhooks/alertmanager');
  expect(webhook.send_resolved).toBe(true);
  const [secret] = service('alertmanager').secrets ?? [];
  expect(webhook.http_config.authorization).toEqual({ type: 'Bearer', credentials_file: `/run/secrets/${secret}` });
});

test('rules and dashboard ask only for metrics that Tocsin has', async () => {
  const { registry } = createServerMetrics();
  registerReloadMetrics({ state: () => ({ ok: true, appliedAt: 0, digest: '' }) }, registry);
  createPageMetrics(registry);
  const known = (await registry.getMetricsAsJSON()).map(({ name }) => name);
  const texts = [read('deploy/prometheus/rules/tocsin.yml'), read('deploy/grafana/dashboards/tocsin.json')];
  const asked = new Set(texts.flatMap((text) => text.match(/\btocsin_[a-z_]+/g) ?? []));
  expect(asked.size).toBeGreaterThan(5);
  expect([...asked].filter((name) => !known.includes(name.replace(/_bucket$/, '')))).toEqual([]);
});
