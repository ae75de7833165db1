/** Dashboard alerts of Grafana 10 and older: one rule a message, told apart from unified alerting by their shape. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toRoutedAlerts } from '../../../../webhook-server/ingest/route-and-group.ts';
import { parseGrafana } from '../../../../webhook-server/ingest/sources/grafana.ts';
import type { ParsedBody } from '../../../../webhook-server/ingest/sources/message.ts';
import { configFromYaml } from '../../support/test-http-server.ts';

const NOW = Date.UTC(2026, 10, 21);
const config = configFromYaml();
const sent = (over: object = {}): object => ({
  ...{ orgId: 1, ruleId: 7, ruleName: 'Checkout is slow', title: '[Alerting] Checkout is slow', state: 'alerting' },
  ...{
    ruleUrl: 'https://grafana.example/d/1',
    message: 'p99 above 2 s',
    tags: { severity: 'critical', service: 'pay' },
  },
  evalMatches: [{ value: 2.5, metric: 'p99', tags: null }],
  ...over,
});

function read(body: object): ParsedBody {
  const parsed = parseGrafana(body, NOW);
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed;
}
const told = (body: object) =>
  read(body).messages.map(({ alerts: [alert] }) => [alert?.status, alert?.title, alert?.fingerprint]);
const ids = (body: object) =>
  toRoutedAlerts(read(body).messages, { config, source: 'grafana', receivedAt: NOW }).map(
    (s) => s.declaration.workflowId,
  );

test('alerting: an incident of the rule, with its tags as labels', () => {
  const [message] = read(sent()).messages;
  expect(message).toMatchObject({ summary: 'p99 above 2 s', test: false });
  expect(message?.alerts[0]).toMatchObject({
    title: 'Checkout is slow',
    ...{ status: 'firing', startsAt: NOW, startGuessed: true, endsAt: null },
    annotations: { description: 'p99 above 2 s', values: 'p99 = 2.5' },
    links: { source: 'https://grafana.example/d/1' },
  });
  expect({ ...message?.alerts[0]?.labels }).toEqual({
    alertname: 'Checkout is slow',
    severity: 'critical',
    service: 'pay',
  });
});

test('ok ends it, by organization and rule alone, whatever else has changed', () => {
  const [firing] = told(sent());
  const over = sent({ state: 'ok', ruleName: 'Renamed', message: '', evalMatches: null });
  expect(told(over)[0]).toEqual(['resolved', 'Renamed', firing?.[2]]);
  expect(ids(over)[0]).toBe(ids(sent())[0]);
  expect(ids(sent({ ruleId: 8 }))[0]).not.toBe(ids(sent())[0]);
  expect(ids(sent({ orgId: 2 }))[0]).not.toBe(ids(sent())[0]);
  expect(ids(sent({ orgId: undefined }))[0]).toBe(ids(sent({ orgId: null }))[0]);
});

test('[S21] no data is an alert of its own: it says that monitoring is broken, and a real firing is no repeat of it', () => {
  const [silent, ...rest] = told(sent({ state: 'no_data' }));
  expect(silent?.slice(0, 2)).toEqual(['firing', 'Monitoring is broken: no data for Checkout is slow']);
  expect(rest).toEqual([]);
  const [firing, back] = told(sent());
  expect(firing?.[2]).not.toBe(silent?.[2]);
  expect([back?.[0], back?.[2]]).toEqual(['resolved', silent?.[2]]);
  expect(ids(sent({ state: 'no_data' }))[0]).toBe(ids(sent({ state: 'ok' }))[1]);
});

test('[S21] no data without a severity is a SEV3 that says it was guessed; a tag says otherwise', () => {
  const openingOf = (tags: object) =>
    toRoutedAlerts(read(sent({ state: 'no_data', tags })).messages, { config, source: 'grafana', receivedAt: NOW })[0]
      ?.declaration;
  expect(openingOf({})).toMatchObject({ severity: 'SEV3', severityGuessed: true });
  expect(openingOf({ severity: 'critical' })).toMatchObject({ severity: 'SEV2', severityGuessed: false });
});

test.each(['paused', 'pending'])('%s neither fires nor ends anything, and is counted', (state) => {
  expect(read(sent({ state }))).toEqual({ messages: [], dropped: [{ count: 1, reason: `the rule is ${state}` }] });
});

test.each(['Alerting', 'exploded', undefined, 7])('state %p fires: better one page too many', (state) => {
  expect(told(sent({ state }))[0]?.[0]).toBe('firing');
});

test('[S20] the test button opens a test incident', () => {
  const file = join(import.meta.dirname, '../../../fixtures/webhooks/grafana-legacy/zulip-alert.json');
  expect(read(JSON.parse(readFileSync(file, 'utf8')) as object).messages).toMatchObject([{ test: true }]);
  const later = sent({ ruleId: 8_717_263, message: 'Someone is testing the alert notification within Grafana.' });
  expect(read(later).messages).toMatchObject([{ test: true }]);
});

test('a message of unified alerting is never taken for one, and anything else is refused by name', () => {
  expect(read({ ruleId: 1, state: 'ok', alerts: [] }).messages).toMatchObject([{ alerts: [] }]);
  expect(parseGrafana({ state: 'ok' }, NOW)).toMatchObject({ problems: [{ at: 'alerts' }] });
});

test('without a rule id the dashboard, the panel and the name are the identity', () => {
  const bare = (over: object): object => ({ ruleName: 'Slow', dashboardId: 3, panelId: 4, state: 'alerting', ...over });
  expect(ids(bare({}))[0]).toBe(ids(bare({ message: 'x' }))[0]);
  expect(ids(bare({}))[0]).not.toBe(ids(bare({ panelId: 5 }))[0]);
});
