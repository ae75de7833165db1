/** What Grafana finds at its first start: everything refers to something that is there. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { mountsOf, read, ROOT, service } from './compose-file.ts';

const provisioned = (file: string) => parse(read(`deploy/grafana/provisioning/${file}.yaml`));
const { environment = {} } = service('grafana');

const [source] = provisioned('datasources/prometheus').datasources;
const [point] = provisioned('alerting/contact-points').contactPoints;
const [policy] = provisioned('alerting/policies').policies;
const [group] = provisioned('alerting/rules').groups;

test('the data come from the Prometheus beside it', () => {
  expect([source.type, source.url]).toEqual(['prometheus', 'http://prometheus:9090']);
});

test('every alert goes to Tocsin, also when it ends, with the token of its own', () => {
  expect(policy.receiver).toBe(point.name);
  const [{ type, settings, disableResolveMessage }] = point.receivers;
  expect({ type, disableResolveMessage, ...settings }).toEqual({
    type: 'webhook',
    disableResolveMessage: false,
    url: 'http://tocsin-server:8080/webhooks/grafana',
    httpMethod: 'POST',
    authorization_scheme: 'Bearer',
    authorization_credentials: '$GRAFANA_TOKEN',
  });
  expect(environment['GRAFANA_TOKEN']).toBe(service('tocsin-server').environment?.['GRAFANA_TOKEN']);
});

test('the rule evaluates: a query, a condition upon it, and no answer is not all clear', () => {
  const [rule] = group.rules;
  const [query, condition] = rule.data;
  expect([query.datasourceUid, condition.datasourceUid]).toEqual([source.uid, '__expr__']);
  expect(condition.model.expression).toBe(query.refId);
  expect(rule.condition).toBe(condition.refId);
  expect([query.model.refId, condition.model.refId]).toEqual([query.refId, condition.refId]);
  expect([rule.noDataState, rule.execErrState]).toEqual(['Alerting', 'Alerting']);
  expect(rule.labels).toHaveProperty('severity');
  const scraped = parse(read('deploy/prometheus/prometheus.yml')).scrape_configs;
  const job = /job="(\w+)"/.exec(query.model.expr)?.[1];
  expect(scraped.map(({ job_name }: { job_name: string }) => job_name)).toContain(job);
});

test('the dashboards are where Grafana looks for them, and ask that Prometheus', () => {
  const [{ options }] = provisioned('dashboards/tocsin').providers;
  const mounted = mountsOf(service('grafana')).find(({ target }) => target === options.path);
  const folder = mounted?.source.replace('./', '') ?? '';
  const files = readdirSync(join(ROOT, folder));
  expect(files).toEqual(['tocsin.json']);
  for (const file of files) {
    const { panels } = JSON.parse(read(join(folder, file)));
    const uids = panels.flatMap(({ datasource, targets }: never) => [datasource, ...(targets as never[])]);
    expect(uids.length).toBeGreaterThan(10);
    for (const panel of panels) {
      expect(panel.datasource.uid).toBe(source.uid);
      for (const target of panel.targets)
        expect([target.datasource.uid, target.expr]).toEqual([source.uid, expect.any(String)]);
    }
    expect(new Set(panels.map(({ id }: { id: number }) => id)).size).toBe(panels.length);
  }
});

test('nobody gets in without a password', () => {
  expect(environment).toMatchObject({ GF_AUTH_ANONYMOUS_ENABLED: 'false', GF_USERS_ALLOW_SIGN_UP: 'false' });
});
