import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hasNewsForRecords, nextBatch, owesTheRecords } from '../../domain/batch.ts';
import type { IncidentEvent } from '../../domain/events.ts';
import type { Incident } from '../../domain/incident.ts';
import { TAIL_BYTES } from '../../domain/unrecorded.ts';
import { after, alarmed, at, declared, heard, recorded } from '../support/play.ts';

const note = (text: string): IncidentEvent => ({ type: 'note-added', at: at(1), by: 'ana', text });
const toldBo: IncidentEvent = {
  ...(recorded(0) as Extract<IncidentEvent, { type: 'notification-accepted' }>),
  recorded: null,
  deliveries: [
    { at: at(2), to: 'bo', method: 'webhook', key: 'E/notice/3/bo.webhook', state: 'accepted', reason: null },
  ],
};

/** Everything the records would hold if each batch arrived; `lost` says which batches' answers never came back. */
function drained(incident: Incident): { lines: number[]; messages: number[]; alerts: string[]; left: Incident } {
  const lines: number[] = [];
  const messages: number[] = [];
  const alerts: string[] = [];
  let left = incident;
  for (let batch = nextBatch(left); batch !== null; batch = nextBatch(left)) {
    lines.push(...batch.lines.map(({ seq }) => seq));
    messages.push(...batch.messages.map(({ n }) => n));
    alerts.push(...batch.alerts.map(({ fingerprint }) => fingerprint));
    left = after(left, recorded(batch.revision));
  }
  return { lines, messages, alerts, left };
}

describe('[REC-1] what the records do not have yet', () => {
  test('is the whole incident at first: lines, messages and alerts, with its present state', () => {
    const batch = nextBatch(alarmed());
    expect(batch?.lines.map(({ kind }) => kind)).toEqual(['declared', 'alerts-fired']);
    expect(batch?.messages.map(({ kind, about }) => [kind, about])).toEqual([['chat', 'declared']]);
    expect(batch?.alerts.map(({ fingerprint, status }) => [fingerprint, status])).toEqual([['f1', 'firing']]);
    expect(batch?.head).toMatchObject({ phase: 'declared', severity: 'SEV2', alertCount: 1, seq: 2 });
  });

  test('is nothing once they have it, until something happens', () => {
    const incident = alarmed();
    const quiet = after(incident, recorded(incident.revision));
    expect(nextBatch(quiet)).toBeNull();
    expect(nextBatch(after(quiet, note('news')))?.lines.map(({ text }) => text)).toEqual(['news']);
  });

  test('what happens while a batch is on its way is in the next one', () => {
    const incident = alarmed();
    const meanwhile = after(incident, note('meanwhile'), recorded(incident.revision));
    expect(nextBatch(meanwhile)?.lines.map(({ text }) => text)).toEqual(['meanwhile']);
  });

  test('an alert that another incident has now is told as gone, once', () => {
    const two = heard(alarmed(), 1, [{ fingerprint: 'f2' }]).incident;
    const known = after(two, recorded(two.revision));
    const group = { workflowId: 'w2', title: 'Disk', severity: 'SEV2', service: null } as const;
    const split = after(known, {
      type: 'split-off',
      at: at(2),
      by: 'ana',
      group,
      fingerprints: ['f2'],
    });
    const batch = nextBatch(split);
    expect(batch).toMatchObject({ alerts: [], gone: ['f2'], head: { alertCount: 1 } });
    expect(nextBatch(after(split, recorded(batch?.revision ?? 0)))).toBeNull();
    const back = nextBatch(heard(split, 3, [{ fingerprint: 'f2' }]).incident);
    expect(back?.alerts).toMatchObject([{ fingerprint: 'f2' }]);
    expect(back?.gone).toBeUndefined();
  });

  test('an alert that clears is told again, whole', () => {
    const incident = alarmed();
    const cleared = heard(after(incident, recorded(incident.revision)), 2, [{ status: 'resolved', endsAt: at(2) }]);
    expect(nextBatch(cleared.incident)?.alerts).toMatchObject([{ fingerprint: 'f1', status: 'resolved' }]);
  });

  test('who heard a notice is kept, but is worth no call of its own', () => {
    const incident = alarmed();
    const told = after(incident, recorded(incident.revision), toldBo);
    expect([hasNewsForRecords(told), owesTheRecords(told)]).toEqual([false, true]);
    expect(nextBatch(told)?.deliveries.map(({ to }) => to)).toEqual(['bo']);
  });

  test('goes in pieces when it is large, none lost, none twice, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 150 }), (lengths) => {
        const incident = lengths.reduce((soFar, length) => after(soFar, note('x'.repeat(length))), alarmed());
        const { lines, messages, alerts, left } = drained(incident);
        expect(lines).toEqual(Array.from({ length: incident.seq }, (_, i) => i + 1));
        expect(messages).toEqual([1]);
        expect(alerts).toEqual(['f1']);
        expect(owesTheRecords(left)).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  test('is bounded: a database that is away for weeks costs the oldest lines, not the incident', () => {
    const long = Array.from({ length: 600 }).reduce<Incident>(
      (soFar) => after(soFar, note('x'.repeat(2_000))),
      declared(),
    );
    const { lines } = drained(long);
    expect(JSON.stringify(long.tail).length).toBeLessThanOrEqual(TAIL_BYTES);
    expect(lines.at(-1)).toBe(long.seq);
    expect(lines).toEqual(Array.from({ length: lines.length }, (_, i) => long.seq - lines.length + 1 + i));
  });
});
