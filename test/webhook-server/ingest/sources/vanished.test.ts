/** What Grafana ends without proof that all is well. */
import { expect, test } from '@jest/globals';
import { parseGrafana } from '../../../../webhook-server/ingest/sources/grafana.ts';

const NOW = Date.UTC(2026, 0, 6);

function vanished(status: string, reason: string | undefined, alertname = 'Down'): boolean | undefined {
  const annotations = reason === undefined ? {} : { grafana_state_reason: reason };
  const alert = { status, labels: { alertname }, annotations, startsAt: '2026-01-05T08:00:00Z' };
  const parsed = parseGrafana({ version: '1', orgId: 1, groupKey: 'g', status, alerts: [alert] }, NOW);
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.messages[0]?.alerts[0]?.vanished;
}

test.each(['MissingSeries', 'NoData', 'Error', 'Paused', 'RuleDeleted', 'Updated', 'Normal (MissingSeries)'])(
  '[ALERT-13] ended because of %s is no proof that all is well',
  (reason) => {
    expect(vanished('resolved', reason)).toBe(true);
    expect(vanished('firing', reason)).toBeUndefined();
  },
);

test.each([undefined, '', 'Errors are fixed'])('[ALERT-13] ended with the reason %p is ended', (reason) => {
  expect(vanished('resolved', reason)).toBeUndefined();
});

test.each(['DatasourceNoData', 'DatasourceError'])(
  '[ALERT-13] a missing series of %s says that data is back; a rule that was edited says nothing',
  (alertname) => {
    expect(vanished('resolved', 'MissingSeries', alertname)).toBeUndefined();
    expect(vanished('resolved', 'Updated', alertname)).toBe(true);
  },
);
