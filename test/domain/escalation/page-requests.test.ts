/** What a page says of an incident: its own title, or how many alerts fire and which; the worst are shown first. */
import { expect, test } from '@jest/globals';
import { pagedIncident } from '../../../domain/escalation/page-requests.ts';
import { afterAlerts, declaredIncident } from '../../support/pure-incident.ts';

const named = (alertname: string, severity: 'SEV2' | 'SEV3', service = 'shop') => {
  return { fingerprint: alertname, severity, labels: { alertname, service } };
};
const firing = afterAlerts(declaredIncident({ title: 'as declared' }), 0, [
  named('TargetDown', 'SEV3'),
  named('CertificateExpiresSoon', 'SEV2'),
  named('A', 'SEV3'),
  named('B', 'SEV3'),
  named('C', 'SEV3'),
  named('PostgresqlDown', 'SEV2', 'orders'),
]).incident;

test('several alerts fire: the page counts them, and shows the worst five, the worst first', () => {
  const page = pagedIncident(firing);
  expect(page.title).toBe('6 alerts: PostgresqlDown, CertificateExpiresSoon, TargetDown, A, B, C (2 services)');
  const names = page.alerts.map(({ labels }) => labels['alertname']);
  expect(names).toEqual(['PostgresqlDown', 'CertificateExpiresSoon', 'TargetDown', 'A', 'B']);
});

test('those that have ended are neither counted nor shown', () => {
  const ends = ['TargetDown', 'A', 'B', 'C'].map((name) => ({ ...named(name, 'SEV3'), status: 'resolved' as const }));
  const page = pagedIncident(afterAlerts(firing, 1, ends).incident);
  expect(page.title).toBe('2 alerts: PostgresqlDown, CertificateExpiresSoon (2 services)');
  expect(page.alerts).toHaveLength(2);
});

test("a person's words stay, and so do those of a single alert", () => {
  const declared = declaredIncident({ title: 'Checkout is slow', declaredBy: 'ana' });
  const several = afterAlerts(declared, 0, [named('A', 'SEV2'), named('B', 'SEV2')]).incident;
  expect(pagedIncident(several).title).toBe('Checkout is slow');
  const single = afterAlerts(declaredIncident({ title: 'as declared' }), 0, [named('A', 'SEV2')]).incident;
  expect(pagedIncident(single).title).toBe('as declared');
});
