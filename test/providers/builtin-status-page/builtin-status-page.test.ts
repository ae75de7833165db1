/** Tocsin's own public page: only what was written for the public is handed on. */
import type { PublicEntry } from '../../../activities/ports.ts';
import { builtinStatusPage, type PublishedEntry } from '../../../providers/builtin-status-page/builtin-status-page.ts';
import { anIncidentContext, INCIDENT_ID } from '../provider-fixtures.ts';

const published: PublishedEntry = {
  incidentId: INCIDENT_ID,
  n: 3,
  at: 1000,
  state: 'Investigating',
  impact: 'major',
  component: 'Checkout',
  text: 'We are investigating.',
  nextUpdateAt: 2000,
};
const entry = { ...published, key: `${INCIDENT_ID}/entry/3`, mayBeRepeat: true, secret: 'internal' } as PublicEntry;
const soon = (): AbortSignal => AbortSignal.timeout(200);

test('an entry is handed on field by field, and no other field with it', async () => {
  const kept: PublishedEntry[] = [];
  const page = builtinStatusPage(async (one) => void kept.push(one));
  await page.publish(entry, anIncidentContext(), soon());
  expect(kept).toEqual([published]);
});

test('the records are down: later, and nothing of their words', async () => {
  const page = builtinStatusPage(() => Promise.reject(new Error('password of the database')));
  const err: unknown = await page.publish(entry, anIncidentContext(), soon()).catch((caught: unknown) => caught);
  expect(err).toMatchObject({ name: 'DeliveryError', kind: 'retryable' });
  expect(String(err)).not.toContain('password');
});

test('the records hang: later, when the time is up', async () => {
  const page = builtinStatusPage(() => new Promise(() => undefined));
  await expect(page.publish(entry, anIncidentContext(), soon())).rejects.toMatchObject({ kind: 'retryable' });
});

test.each([{ restricted: true }, { test: true }])('[COMM-14] never public, whoever asks: %j', async (head) => {
  const kept: PublishedEntry[] = [];
  const page = builtinStatusPage(async (one) => void kept.push(one));
  await expect(page.publish(entry, anIncidentContext({ head }), soon())).rejects.toMatchObject({ kind: 'rejected' });
  expect(kept).toEqual([]);
});
