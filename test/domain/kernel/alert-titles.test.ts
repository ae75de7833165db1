/** Titles: the name, where it is, and the summary where it says something; the worst names of several. */
import { expect, test } from '@jest/globals';
import { alertTitle, groupTitle, worstFirst } from '../../../domain/kernel/alert-titles.ts';

const BROKEN =
  '<error expanding template: error executing template __alert_DiskFull: template: __alert_DiskFull:1:68: executing "__alert_DiskFull" at <.group>: can\'t evaluate field group>';

test.each<[string, Record<string, string>, string | undefined, string | null]>([
  [
    'a summary that names neither the alert nor the place gets both',
    { alertname: 'PostgresqlDown', service: 'orders', instance: 'db-1:9187', job: 'postgres' },
    'Database is down',
    'PostgresqlDown orders db-1:9187: Database is down',
  ],
  [
    'what the summary says already is not said twice',
    { alertname: 'HostOutOfMemory', instance: 'web-1:9100' },
    'Host out of memory (instance web-1:9100)',
    'HostOutOfMemory: Host out of memory (instance web-1:9100)',
  ],
  [
    'a summary that begins with the name stands alone',
    { alertname: 'LinkDown' },
    'LinkDown is broken',
    'LinkDown is broken',
  ],
  [
    'and the place behind it',
    { alertname: 'LinkDown', service: 'payments' },
    'LinkDown is broken',
    'LinkDown is broken (payments)',
  ],
  [
    'a broken template is named as such',
    { alertname: 'DiskFull', service: 'payments' },
    BROKEN,
    'DiskFull payments: its summary is a broken template',
  ],
  [
    'so is one with a value that is missing',
    { alertname: 'DiskFull' },
    '<no value> is full',
    'DiskFull: its summary is a broken template',
  ],
  [
    'an empty part is left out',
    { alertname: 'ProbeFailed', pod: 'web-7' },
    'Probe failed (instance )',
    'ProbeFailed web-7: Probe failed',
  ],
  ['an empty summary is left out', { alertname: 'ProbeFailed', namespace: 'shop' }, '  ', 'ProbeFailed shop'],
  ['the job only where nothing else tells', { alertname: 'TargetDown', job: 'node' }, undefined, 'TargetDown node'],
  [
    'no more than three labels',
    { alertname: 'X', service: 'a', app: 'b', instance: 'c', pod: 'd' },
    undefined,
    'X a b c',
  ],
  [
    'the object that kube-state-metrics measures, not its own address',
    {
      alertname: 'KubeJobFailed',
      job: 'kube-state-metrics',
      instance: '10.244.1.7:8443',
      job_name: 'invoices-1',
      namespace: 'batch',
    },
    'Job failed.',
    'KubeJobFailed invoices-1 batch: Job failed.',
  ],
  [
    'nothing that an instance says already',
    { alertname: 'X', instance: 'es-4:9114', name: 'es-4' },
    undefined,
    'X es-4:9114',
  ],
  ['the same value once', { alertname: 'X', service: 'a', app: 'a' }, undefined, 'X a'],
  ['a label from the prototype is none', { alertname: 'X' }, 'constructor', 'X: constructor'],
  ['a summary without a name', {}, 'Something is down', 'Something is down'],
  ['nothing at all', {}, '…', null],
])('%s', (_, labels, summary, title) => expect(alertTitle(labels, summary)).toBe(title));

const alert = (name: string, severity: 'SEV1' | 'SEV2' | 'SEV3', service: string | null = null) => {
  return { name, severity, service, title: `${name}: something`, labels: service === null ? {} : { service } };
};

test('several alerts: how many, and the worst by name; what has happened comes before what will', () => {
  const alerts = [
    alert('BlackboxSslCertificateWillExpireVerySoon', 'SEV2', 'pay'),
    alert('TargetDown', 'SEV3'),
    alert('KubeNodeNotReady', 'SEV3'),
    alert('HostOutOfMemory', 'SEV3'),
    alert('RedisNotEnoughConnections', 'SEV3'),
    alert('BlackboxProbeFailed', 'SEV2', 'shop'),
    alert('PostgresqlDown', 'SEV2'),
    alert('RedisDown', 'SEV2'),
  ];
  expect(groupTitle(alerts)).toBe(
    '8 alerts: BlackboxProbeFailed, PostgresqlDown, RedisDown, BlackboxSslCertificateWillExpireVerySoon, TargetDown and 3 more (2 services)',
  );
  expect(worstFirst(alerts).map(({ name }) => name)[3]).toBe('BlackboxSslCertificateWillExpireVerySoon');
});

test('several alerts by one name: the title of the first', () => {
  expect(groupTitle([alert('X', 'SEV3'), alert('X', 'SEV2')])).toBe('2 alerts: X, such as something');
  const batch = { namespace: 'batch', instance: '10.0.0.7:8443', job: 'kube-state-metrics' };
  const jobs = ['invoices-1', 'invoices-2'].map((job) => {
    return { ...alert('KubeJobFailed', 'SEV2'), title: `KubeJobFailed ${job} batch: Job failed`, labels: batch };
  });
  expect(groupTitle(jobs)).toBe('2 alerts: KubeJobFailed (batch), such as invoices-1 batch: Job failed');
  expect(
    groupTitle([
      { ...alert('A', 'SEV3'), labels: batch },
      { ...alert('B', 'SEV3'), labels: batch },
    ]),
  ).toBe('2 alerts: A, B (batch)');
});

test('one alert has its own title, and none has none', () => {
  expect(groupTitle([alert('X', 'SEV3')])).toBe('X: something');
  expect(groupTitle([])).toBeNull();
});

test('alerts without a name are listed by their titles', () => {
  expect(groupTitle([{ ...alert('a', 'SEV3'), name: null }, alert('B', 'SEV3')])).toBe('2 alerts: a: something, B');
});
