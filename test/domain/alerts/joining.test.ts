/** Alerts about something else that join an open incident. */
import { expect, test } from '@jest/globals';
import type { AlertReport } from '../../../domain/kernel/alert.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { afterAlerts, afterCommand, declaredIncident } from '../../support/pure-incident.ts';

const alert = (service: string | null, over: Partial<AlertReport> = {}): Partial<AlertReport> => ({
  fingerprint: `${service} ${over.title ?? ''}`,
  labels: { alertname: over.title ?? 'Down', ...(service === null ? {} : { service }) },
  title: 'Down',
  ...over,
});
const searching = (): Incident =>
  afterAlerts(declaredIncident({ service: 'search' }), 0, [alert('search', { title: 'HighErrors' })]).incident;
const taken = (): Incident => afterCommand(searching(), { type: 'acknowledge' });

const joined = (incident: Incident, ...alerts: readonly Partial<AlertReport>[]) => {
  const { incident: after, events } = afterAlerts(incident, 5, alerts);
  const notices = after.outbox.notices.filter(({ about }) => about === 'service-joined').map(({ to }) => to);
  const pages = after.outbox.pages.slice(incident.outbox.pages.length);
  return {
    event: events.find(({ type }) => type === 'service-joined'),
    notices,
    pages: pages.map(({ reason, targets }) => [reason, targets.flatMap(({ names }) => names)]),
    after,
  };
};

test('[ALERT-9] [ALERT-20] another service joins what somebody has: an entry, and whoever has it is told', () => {
  const { after, notices, pages } = joined(taken(), alert('orders', { title: 'DatabaseDown' }));
  expect(after.projection.timeline.at(-1)?.text).toBe('Another service is affected: orders (DatabaseDown)');
  expect(notices).toEqual([['ana']]);
  expect(pages).toEqual([]);
});

test('[ALERT-20] the same service is an entry only; so is the next alert of a service that has joined', () => {
  expect(joined(taken(), alert('search', { title: 'Slow' })).event).toBeUndefined();
  const { after } = joined(taken(), alert('orders'));
  expect(joined(after, alert('orders', { title: 'Slow' })).event).toBeUndefined();
});

test('[ALERT-20] without services, another name counts', () => {
  const incident = afterCommand(
    afterAlerts(declaredIncident({ service: null }), 0, [alert(null, { title: 'A' })]).incident,
    { type: 'acknowledge' },
  );
  expect(joined(incident, alert(null, { title: 'A', fingerprint: 'a2' })).event).toBeUndefined();
  const { after, notices } = joined(incident, alert(null, { title: 'B' }), alert(null, { title: 'C' }));
  expect(after.projection.timeline.at(-1)?.text).toBe('Another alert joined: B, C');
  expect(notices).toEqual([['ana']]);
});

test('[ALERT-20] of another team, its on-call is paged, acknowledged or not; a milder alert that pages nobody by itself does not', () => {
  const data = alert('orders', { title: 'DatabaseDown', team: 'data' });
  expect(joined(taken(), data).pages).toEqual([['on-call', ['data']]]);
  expect(joined(searching(), data).pages).toEqual([['on-call', ['data']]]);
  expect(joined(searching(), { ...data, severity: 'SEV4' }).pages).toEqual([]);
  expect(joined(taken(), { ...data, team: 'platform' }).pages).toEqual([]);
  // The same service, but another team than was known.
  expect(joined(taken(), alert('search', { title: 'Other', team: 'data' })).pages).toEqual([['on-call', ['data']]]);
});

test('[ALERT-20] a worse alert is told by its page alone; while nobody has it nobody is told', () => {
  const worse = joined(taken(), alert('orders', { severity: 'SEV1' }));
  expect([worse.notices, worse.pages.map(([reason]) => reason)]).toEqual([[], ['severity-raised', 'leadership']]);
  expect(joined(searching(), alert('orders')).notices).toEqual([]);
});

test('[ALERT-20] the first alerts of an incident join nothing, nor do those of a test or a storm', () => {
  expect(joined(declaredIncident(), alert('orders'), alert('search')).event).toBeUndefined();
  const test_ = { ...taken(), test: true };
  expect(joined(test_, alert('orders')).event).toBeUndefined();
  const storm = afterAlerts(declaredIncident({ storm: true }), 0, [alert('search')]).incident;
  expect(joined(storm, alert('orders')).event).toBeUndefined();
});

test('an incident that 0.2 began knows the services of the alerts whose labels it keeps', () => {
  const { subjects: _, ...alerts } = taken().alerts;
  const old = { ...taken(), alerts };
  expect(joined(old, alert('search', { title: 'Slow' })).event).toBeUndefined();
  expect(joined(old, alert('orders')).event).toMatchObject({ services: ['orders'] });
});
