import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hasChangesForRecords, nextProjectionBatch, hasPendingProjection } from '../../../domain/engine/projection.ts';
import type { IncidentEvent } from '../../../domain/kernel/events.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { PENDING_PROJECTION_BYTES } from '../../../domain/engine/projection.ts';
import {
  afterEvents,
  firingIncident,
  atMinute,
  declaredIncident,
  afterAlerts,
  recordedUpTo,
} from '../../support/pure-incident.ts';

const note = (text: string): IncidentEvent => ({ type: 'note-added', at: atMinute(1), by: 'ana', text });
const toldBo: IncidentEvent = {
  ...(recordedUpTo(0) as Extract<IncidentEvent, { type: 'notification-accepted' }>),
  projectedVersion: null,
  deliveries: [
    { at: atMinute(2), to: 'bo', method: 'webhook', key: 'E/notice/3/bo.webhook', state: 'accepted', reason: null },
  ],
};

/** Everything the records would hold if each batch arrived; `lost` says which batches' answers never came back. */
function drained(incident: Incident): { lines: number[]; messages: number[]; alerts: string[]; left: Incident } {
  const lines: number[] = [];
  const messages: number[] = [];
  const alerts: string[] = [];
  let left = incident;
  for (let batch = nextProjectionBatch(left); batch !== null; batch = nextProjectionBatch(left)) {
    lines.push(...batch.entries.map(({ seq }) => seq));
    messages.push(...batch.messages.map(({ n }) => n));
    alerts.push(...batch.alerts.map(({ fingerprint }) => fingerprint));
    left = afterEvents(left, recordedUpTo(batch.stateVersion));
  }
  return { lines, messages, alerts, left };
}

describe('[REC-1] what the records do not have yet', () => {
  test('is the whole incident at first: lines, messages and alerts, with its present state', () => {
    const batch = nextProjectionBatch(firingIncident());
    expect(batch?.entries.map(({ kind }) => kind)).toEqual(['declared', 'alerts-fired']);
    expect(batch?.messages.map(({ kind, about }) => [kind, about])).toEqual([['chat', 'declared']]);
    expect(batch?.alerts.map(({ fingerprint, status }) => [fingerprint, status])).toEqual([['f1', 'firing']]);
    expect(batch?.projection).toMatchObject({ phase: 'declared', severity: 'SEV2', alertCount: 1, seq: 2 });
  });

  test('is nothing once they have it, until something happens', () => {
    const incident = firingIncident();
    const quiet = afterEvents(incident, recordedUpTo(incident.stateVersion));
    expect(nextProjectionBatch(quiet)).toBeNull();
    expect(nextProjectionBatch(afterEvents(quiet, note('news')))?.entries.map(({ text }) => text)).toEqual(['news']);
  });

  test('what happens while a batch is on its way is in the next one', () => {
    const incident = firingIncident();
    const meanwhile = afterEvents(incident, note('meanwhile'), recordedUpTo(incident.stateVersion));
    expect(nextProjectionBatch(meanwhile)?.entries.map(({ text }) => text)).toEqual(['meanwhile']);
  });

  test('an alert that another incident has now is told as gone, once', () => {
    const two = afterAlerts(firingIncident(), 1, [{ fingerprint: 'f2' }]).incident;
    const known = afterEvents(two, recordedUpTo(two.stateVersion));
    const group = { workflowId: 'w2', title: 'Disk', severity: 'SEV2', service: null } as const;
    const split = afterEvents(known, {
      type: 'split-off',
      at: atMinute(2),
      by: 'ana',
      group,
      fingerprints: ['f2'],
    });
    const batch = nextProjectionBatch(split);
    expect(batch).toMatchObject({ alerts: [], removedAlerts: ['f2'], projection: { alertCount: 1 } });
    expect(nextProjectionBatch(afterEvents(split, recordedUpTo(batch?.stateVersion ?? 0)))).toBeNull();
    const back = nextProjectionBatch(afterAlerts(split, 3, [{ fingerprint: 'f2' }]).incident);
    expect(back?.alerts).toMatchObject([{ fingerprint: 'f2' }]);
    expect(back?.removedAlerts).toBeUndefined();
  });

  test('an alert that clears is told again, whole', () => {
    const incident = firingIncident();
    const cleared = afterAlerts(afterEvents(incident, recordedUpTo(incident.stateVersion)), 2, [
      { status: 'resolved', endsAt: atMinute(2) },
    ]);
    expect(nextProjectionBatch(cleared.incident)?.alerts).toMatchObject([{ fingerprint: 'f1', status: 'resolved' }]);
  });

  test('who heard a notice is kept, but is worth no call of its own', () => {
    const incident = firingIncident();
    const told = afterEvents(incident, recordedUpTo(incident.stateVersion), toldBo);
    expect([hasChangesForRecords(told), hasPendingProjection(told)]).toEqual([false, true]);
    expect(nextProjectionBatch(told)?.deliveries.map(({ to }) => to)).toEqual(['bo']);
  });

  test('goes in pieces when it is large, none lost, none twice, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 150 }), (lengths) => {
        const incident = lengths.reduce(
          (soFar, length) => afterEvents(soFar, note('x'.repeat(length))),
          firingIncident(),
        );
        const { lines, messages, alerts, left } = drained(incident);
        expect(lines).toEqual(Array.from({ length: incident.projection.seq }, (_, i) => i + 1));
        expect(messages).toEqual([1]);
        expect(alerts).toEqual(['f1']);
        expect(hasPendingProjection(left)).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  test('is bounded: a database that is away for weeks costs the oldest lines, not the incident', () => {
    const long = Array.from({ length: 600 }).reduce<Incident>(
      (soFar) => afterEvents(soFar, note('x'.repeat(2_000))),
      declaredIncident(),
    );
    const { lines } = drained(long);
    expect(JSON.stringify(long.projection.pending).length).toBeLessThanOrEqual(PENDING_PROJECTION_BYTES);
    expect(lines.at(-1)).toBe(long.projection.seq);
    expect(lines).toEqual(Array.from({ length: lines.length }, (_, i) => long.projection.seq - lines.length + 1 + i));
  });
});
