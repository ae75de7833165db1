/**
 * Rules and routes after the kinds that people take over from collections: named by what breaks, labelled by what
 * exporters know (no `service`), with summaries that are templates, and one of them broken.
 */
import type { MonitoringFiles } from './prometheus.ts';

const rule = (alert: string, severity: string, expr: string, annotations: Readonly<Record<string, string>>): string => `
      - alert: ${alert}
        expr: ${expr}
        labels: { severity: ${severity} }
        annotations: ${JSON.stringify(annotations)}`;

const RULES = `
groups:
  - name: kubernetes
    rules:${[
      rule('Watchdog', 'none', 'vector(1)', { summary: 'Alerts reach whoever reads them.' }),
      rule('InfoInhibitor', 'none', 'ALERTS{severity="info"} == 1', { summary: 'Keeps info alerts quiet.' }),
      rule('CPUThrottlingSeen', 'none', 'container_throttled > 0', { summary: 'Containers are throttled.' }),
      rule('KubeQuotaAlmostFull', 'info', 'kube_quota_used_percent > 90', {
        summary: 'Namespace quota is nearly used up.',
        description: 'Namespace {{ $labels.namespace }} uses {{ $value | humanize }}% of its quota.',
      }),
      rule('KubePodCrashLooping', 'warning', 'kube_pod_waiting{reason="CrashLoopBackOff"} == 1', {
        summary: 'Pod keeps crashing.',
        description:
          'Pod {{ $labels.namespace }}/{{ $labels.pod }} ({{ $labels.container }}) waits to be started again.',
      }),
      rule('KubeDeploymentReplicasMismatch', 'warning', 'kube_deployment_missing_replicas > 0', {
        summary: 'Deployment has fewer replicas than it wants.',
        description: '{{ $labels.namespace }}/{{ $labels.deployment }} misses {{ $value }} replicas.',
      }),
      rule('KubeNodeNotReady', 'warning', 'kube_node_ready == 0', {
        summary: 'Node is not ready.',
        description: '{{ $labels.node }} has not been ready for a while.',
      }),
      rule('KubeJobFailed', 'critical', 'kube_job_failed > 0', {
        summary: 'Job failed.',
        description: 'Job {{ $labels.namespace }}/{{ $labels.job_name }} failed.',
      }),
      rule('KubeAPIDown', 'critical', 'absent(up{job="apiserver"} == 1) and on() (kube_cluster == 1)', {
        summary: 'Nobody scrapes the API server any more.',
      }),
      rule('PrometheusRuleFailures', 'critical', 'prometheus_rule_failures > 0', {
        summary: 'Prometheus cannot evaluate rules.',
        description: '{{ $labels.pod }} failed to evaluate {{ $value }} rules.',
      }),
      rule(
        'TargetDown',
        'warning',
        '100 * (count by (job, namespace) (up == 0) / count by (job, namespace) (up)) > 10',
        {
          summary: 'Targets cannot be reached.',
          description:
            '{{ printf "%.4g" $value }}% of the {{ $labels.job }} targets in {{ $labels.namespace }} are down.',
        },
      ),
    ].join('')}
  - name: exporters
    rules:${[
      rule('PostgresqlDown', 'critical', 'pg_up == 0', {
        summary: 'Postgresql down (instance {{ $labels.instance }})',
        description: 'The server does not answer\n  VALUE = {{ $value }}\n  LABELS = {{ $labels }}',
      }),
      rule('RedisDown', 'critical', 'redis_up == 0', { summary: 'Redis down (instance {{ $labels.instance }})' }),
      rule('NginxHighHttp5xxErrorRate', 'critical', 'nginx_5xx_percent > 5', {
        summary: 'Nginx answers too many requests with 5xx: {{ $value }}% (instance {{ $labels.instance }})',
      }),
      rule('HostOutOfDiskSpace', 'critical', 'node_disk_free_percent < 10', {
        summary: 'Host is running out of disk space (instance {{ $labels.instance }})',
        description: '{{ $labels.mountpoint }} has {{ $value }}% left',
      }),
      rule('HostOutOfMemory', 'warning', 'node_memory_free_percent < 10', {
        summary: 'Host is running out of memory (instance {{ $labels.instance }}), {{ $value }}% left',
      }),
      rule('ElasticsearchDiskOutOfSpace', 'critical', 'elasticsearch_disk_free_percent < 10', {
        summary: 'Disk of {{ $labels.name.first }} is nearly full',
      }),
      rule('CertManagerCertExpirySoon', 'critical', 'certificate_expires_seconds < 86400', {
        summary: 'The certificate for {{ $labels.dns_name }} expires in {{ $value | humanizeDuration }}',
      }),
      rule('BlackboxProbeFailed', 'critical', 'probe_success == 0', {
        summary: 'Blackbox probe failed (instance {{ $labels.instance }})',
      }),
      rule('BlackboxSslCertificateWillExpireSoon', 'critical', 'probe_ssl_expires_days < 3', {
        summary: 'Blackbox SSL certificate will expire soon (instance {{ $labels.instance }})',
      }),
      rule('VolumeFillingUp', 'warning', 'volume_used_percent > 80 and volume_used_percent <= 95', {
        summary: 'Volume {{ $labels.persistentvolumeclaim }} is {{ $value }}% full',
      }),
      rule('VolumeFillingUp', 'critical', 'volume_used_percent > 95', {
        summary: 'Volume {{ $labels.persistentvolumeclaim }} is {{ $value }}% full',
      }),
    ].join('')}
`;

interface Receivers {
  /** Of Tocsin. */
  readonly url: string;
  readonly token: string;
  readonly routingKey: string;
}

const WORST_FIRING = '{{ if .Alerts.Firing }}{{ (index .Alerts.Firing 0).Labels.severity }}{{ else }}info{{ end }}';

/** One route without `group_by`, for all that has no namespace; another speaks PagerDuty; a third sends two alerts at most. */
const alertmanagerYaml = ({ url, token, routingKey }: Receivers): string => `
route:
  receiver: tocsin
  group_wait: 2s
  group_interval: 1s
  repeat_interval: 1h
  routes:
    - { receiver: tocsin, matchers: ['alertname=~"Watchdog|InfoInhibitor"'], group_by: [alertname] }
    - { receiver: pagerduty, matchers: ['namespace="storage"'], group_by: [persistentvolumeclaim] }
    - { receiver: two-at-most, matchers: ['namespace="warehouse"'], group_by: [namespace] }
    - { receiver: tocsin, matchers: ['namespace=~"backup|archive"'], group_by: [namespace], repeat_interval: 2s }
    - { receiver: tocsin, matchers: ['namespace=~".+"'], group_by: [namespace] }
receivers:
  - name: tocsin
    webhook_configs:
      - url: ${url}/webhooks/alertmanager
        http_config: { authorization: { credentials: ${token} } }
  - name: two-at-most
    webhook_configs:
      - url: ${url}/webhooks/alertmanager
        max_alerts: 2
        http_config: { authorization: { credentials: ${token} } }
  - name: pagerduty
    pagerduty_configs:
      - url: ${url}/v2/enqueue
        routing_key: ${routingKey}
        severity: '${WORST_FIRING}'
        description: '{{ (index .Alerts 0).Annotations.summary }}'
`;

export const monitoringFiles = (receivers: Receivers): MonitoringFiles => ({
  rules: RULES,
  alertmanager: alertmanagerYaml(receivers),
  deadTarget: { job: 'cart-importer', namespace: 'legacy' },
});

/** What its metrics carry is where it runs itself, not where the trouble is. */
const KSM = 'job="kube-state-metrics",instance="10.244.1.7:8443"';

const jobs = Array.from(
  { length: 12 },
  (_, n) => `kube_job_failed{namespace="batch",job_name="invoices-${n + 1}",${KSM}} 1`,
);

/** A bad night. */
export const BAD_NIGHT: readonly string[] = [
  `kube_pod_waiting{namespace="shop",pod="cart-7d9f8c5b4-x2x9p",container="cart",reason="CrashLoopBackOff",${KSM}} 1`,
  `kube_pod_waiting{namespace="shop",pod="search-5c4d6f7b8-q8k2m",container="search",reason="CrashLoopBackOff",${KSM}} 1`,
  `kube_deployment_missing_replicas{namespace="shop",deployment="cart",${KSM}} 2`,
  `kube_deployment_missing_replicas{namespace="shop",deployment="search",${KSM}} 1`,
  'pg_up{namespace="shop",instance="db-1:9187",job="postgres"} 0',
  'redis_up{namespace="shop",instance="cache-1:9121",job="redis"} 0',
  'nginx_5xx_percent{namespace="shop",instance="edge-2:9113",job="nginx"} 23.4',
  'prometheus_rule_failures{namespace="monitoring",pod="prometheus-k8s-0",job="prometheus",instance="10.244.3.4:9090"} 3',
  `kube_node_ready{namespace="monitoring",node="node-3",${KSM}} 0`,
  'elasticsearch_disk_free_percent{namespace="search",instance="es-4:9114",name="es-4",job="elasticsearch"} 4.2',
  'certificate_expires_seconds{namespace="edge",name="shop-tls",job="cert-manager",instance="10.244.2.9:9402"} 43200',
  `kube_quota_used_percent{namespace="staging",${KSM}} 95`,
  'container_throttled{namespace="quiet",pod="report-0",instance="node-1:10250",job="kubelet"} 1',
  `kube_cluster{${KSM}} 1`,
  'probe_success{instance="https://shop.example",job="blackbox"} 0',
  'probe_ssl_expires_days{instance="https://pay.example",job="blackbox"} 1.5',
  'node_disk_free_percent{instance="web-1:9100",device="/dev/sda1",mountpoint="/var",job="node"} 3.1',
  'node_memory_free_percent{instance="web-1:9100",job="node"} 6.8',
  'node_memory_free_percent{instance="web-2:9100",job="node"} 7.9',
  ...jobs,
];
