/** News in the repeats of an alert that fires. */
import { describe, expect, test } from '@jest/globals';
import type { AlertReport } from '../../../domain/kernel/alert.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { afterAlerts, afterCommand, afterEvents, atMinute, declaredIncident } from '../../support/pure-incident.ts';

const DISK: Partial<AlertReport> = { severity: 'SEV3', title: 'disk 85% on db1', annotations: { summary: 'disk 85%' } };
const firing = (over: Partial<Incident> = {}): Incident => ({
  ...afterAlerts(declaredIncident({ severity: 'SEV3', title: 'disk 85% on db1' }), 0, [DISK]).incident,
  ...over,
});
const lastEntry = ({ projection }: Incident) => projection.timeline.at(-1)?.text;

test('[ALERT-19] a repeat that is worse raises the severity; the entry names the alert and both severities', () => {
  const { incident, kinds, events } = afterAlerts(firing(), 2, [
    { ...DISK, severity: 'SEV2', title: 'disk 99% on db1', annotations: { summary: 'disk 99%' } },
  ]);
  expect(kinds).toEqual(['alert-changed', 'alerts-seen', 'severity-changed']);
  expect(events.at(-1)).toMatchObject({ from: 'SEV3', to: 'SEV2', by: null, reason: 'disk 99% on db1 is SEV2' });
  expect(incident.projection.timeline.map(({ text }) => text)).toContain(
    'Alert changed: disk 99% on db1 (SEV3 → SEV2)',
  );
  expect(incident.alerts.states['f1']?.severity).toBe('SEV2');
});

test('[ALERT-19] [SEV-12] a severity that a person set is moved only by an alert that gets worse than it was then', () => {
  const lowered = afterCommand(afterAlerts(declaredIncident(), 0, [{}]).incident, {
    type: 'setSeverity',
    severity: 'SEV3',
    reason: 'one shop only',
  });
  expect(afterAlerts(lowered, 2, [{}]).kinds).toEqual(['alerts-seen']);
  expect(afterAlerts(lowered, 2, [{ severity: 'SEV1' }]).incident.severity).toBe('SEV1');
  const worse = { ...firing(), severity: 'SEV1' as const };
  expect(afterAlerts(worse, 2, [{ ...DISK, severity: 'SEV2' }]).kinds).toEqual(['alert-changed', 'alerts-seen']);
});

describe('[ALERT-19] a worse repeat pages', () => {
  const pages = (incident: Incident) =>
    afterAlerts(incident, 5, [{ ...DISK, severity: 'SEV2' }]).incident.outbox.pages.map(({ reason, targets }) => [
      reason,
      targets.flatMap(({ names }) => names),
    ]);
  test('the IC, whatever the phase', () => {
    const taken = afterCommand(firing(), { type: 'acknowledge' });
    expect(pages(taken)).toEqual([['severity-raised', ['ana']]]);
    expect(pages(afterCommand(taken, { type: 'resolve', resolution: 'cleaned' }))).toEqual([
      ['severity-raised', ['ana']],
    ]);
  });
  test('the on-call, where somebody works on it and nobody commands', () => {
    const taken = afterCommand(firing(), { type: 'acknowledge' });
    const answered = { ...taken, roles: { ...taken.roles, ic: null } };
    expect(pages(answered)).toEqual([['severity-raised', ['onCall']]]);
  });
});

test('[ALERT-19] other words are an entry, and the newest words count everywhere; the incident that it named is called so', () => {
  const { incident, kinds } = afterAlerts(firing(), 2, [{ ...DISK, title: 'cluster B etcd lost quorum' }]);
  expect(kinds).toEqual(['alert-changed', 'alerts-seen']);
  expect(lastEntry(incident)).toBe('Alert changed: cluster B etcd lost quorum');
  expect(incident.title).toBe('cluster B etcd lost quorum');
  expect(incident.alerts.details['f1']?.title).toBe('cluster B etcd lost quorum');
  const ofAPerson = firing({ declaredBy: 'bo' });
  expect(afterAlerts(ofAPerson, 2, [{ ...DISK, title: 'etcd lost quorum' }]).incident.title).toBe('disk 85% on db1');
  const otherAnnotation = afterAlerts(incident, 3, [
    { ...DISK, title: 'cluster B etcd lost quorum', annotations: { summary: 'members are gone' } },
  ]).incident;
  expect(otherAnnotation.alerts.details['f1']?.annotations).toEqual({ summary: 'members are gone' });
  expect(otherAnnotation.projection.seq).toBe(incident.projection.seq + 1);
});

test('[ALERT-19] a disk fills up, digit by digit, and gets worse: the incident has its newest title, unless two are called alike', () => {
  const fuller = afterAlerts(firing(), 2, [{ ...DISK, title: 'disk 91% on db1' }]).incident;
  expect(fuller.title).toBe('disk 85% on db1');
  const worse = { ...DISK, severity: 'SEV2', title: 'disk 97% on db1' } as const;
  expect(afterAlerts(firing(), 3, [worse]).incident.title).toBe('disk 97% on db1');
  expect(afterAlerts(fuller, 3, [worse]).incident.title).toBe('disk 97% on db1');
  const two = afterAlerts(fuller, 3, [{ ...DISK, fingerprint: 'f2', title: 'disk 85% on db2' }]).incident;
  expect(afterAlerts(two, 4, [{ ...worse, fingerprint: 'f2' }]).incident.title).toBe('disk 85% on db1');
});

test('[ALERT-19] other digits are the newest words, without an entry and without news for the records', () => {
  const recorded = firing({ projection: { ...firing().projection, changedAlerts: [], pending: [] } });
  let incident = recorded;
  for (let n = 1; n <= 100; n += 1) {
    const annotations = { summary: `disk ${n / 8}%, ${n}e+09 bytes` };
    incident = afterAlerts(incident, n, [{ ...DISK, title: `disk ${n}% on db1`, annotations }]).incident;
  }
  expect(incident.alerts.details['f1']).toMatchObject({ title: 'disk 100% on db1' });
  // The bytes were news once.
  expect(incident.projection.seq).toBe(recorded.projection.seq + 1);
});

test('[ALERT-19] the same words again, an older report, and what 0.2 knew of it are no news', () => {
  expect(afterAlerts(firing(), 2, [DISK]).kinds).toEqual(['alerts-seen']);
  const late = { ...DISK, title: 'before', receivedAt: atMinute(-1) };
  expect(afterAlerts(firing(), 2, [late]).kinds).toEqual(['alerts-seen']);
  const known = { fingerprint: 'f1', status: 'firing', startsAt: 1_000, endsAt: null, lastReportedAt: 0 } as const;
  const old = firing();
  const states = { f1: { ...known, staleAfterMs: 0, ignored: false } };
  const before = { ...old, alerts: { ...old.alerts, states } };
  expect(afterAlerts(before, 2, [{ ...DISK, severity: 'SEV1' }]).kinds).toEqual(['alerts-seen']);
});

test('[ALERT-19] a severity that a person set is raised only by an alert that is worse than it was then', () => {
  const fires = (severity: 'SEV1' | 'SEV2' | 'SEV3', status: 'firing' | 'resolved' = 'firing') => [
    { fingerprint: 'f1', severity, status },
  ];
  const { incident } = afterAlerts(declaredIncident(), 1, fires('SEV2'));
  const lowered = afterEvents(incident, {
    ...{ type: 'severity-changed', at: atMinute(2), by: 'ana', from: 'SEV2', to: 'SEV3', reason: 'few are affected' },
  });
  const milder = afterAlerts(lowered, 3, fires('SEV3')).incident;
  expect(afterAlerts(milder, 4, fires('SEV2')).incident.severity).toBe('SEV3');
  expect(afterAlerts(milder, 4, fires('SEV1')).incident.severity).toBe('SEV1');
  const ended = afterAlerts(lowered, 3, [
    ...fires('SEV2', 'resolved'),
    { fingerprint: 'f2', severity: 'SEV3' },
  ]).incident;
  expect(afterAlerts(ended, 4, fires('SEV2')).incident.severity).toBe('SEV3');
  const another = afterAlerts(lowered, 3, [{ fingerprint: 'new', severity: 'SEV2' }]).incident;
  expect(another.severity).toBe('SEV2');
});
