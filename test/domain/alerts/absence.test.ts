/** Whole messages that no longer list an alert of their group, and messages that leave alerts out. */
import { describe, expect, test } from '@jest/globals';
import { eventsAboutLeftOut, nextLeftOut } from '../../../domain/alerts/left-out.ts';
import type { SourceAnswer, SourceQuestion } from '../../../domain/alerts/stale.ts';
import { eventsFromSourceAnswer, nextStale } from '../../../domain/alerts/stale.ts';
import { pagingAccount } from '../../../domain/engine/explain.ts';
import { pagedIncident } from '../../../domain/escalation/page-requests.ts';
import { nextEscalationStep } from '../../../domain/escalation/escalation.ts';
import type { AlertBatch } from '../../../domain/kernel/alert.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { afterAlerts, afterEvents, atMinute, declaredIncident } from '../../support/pure-incident.ts';

const A = { fingerprint: 'a', labels: { alertname: 'DiskA' } };
const B = { fingerprint: 'b', labels: { alertname: 'DiskB' } };
const END = { status: 'resolved', endsAt: 2_000 } as const;
const whole = (...listed: readonly string[]): Partial<AlertBatch> => ({ messageGroup: 'g', listed });
const both = (): Incident => afterAlerts(declaredIncident(), 0, [A, B], whole('a', 'b')).incident;

/** The source's answer to what is due at `minute`; the incident as it was when nothing is. */
function asked(
  incident: Incident,
  minute: number,
  firing: readonly string[],
  answer: SourceAnswer['answer'],
): Incident {
  const due = nextStale(incident) as SourceQuestion;
  expect(due.at).toBeLessThanOrEqual(atMinute(minute));
  return afterEvents(incident, ...eventsFromSourceAnswer(incident, due, { firing, answer }, atMinute(minute)));
}
const staleOf = (incident: Incident, name = 'a') => incident.alerts.states[name]?.stale?.answer;

describe('[ALERT-22] an alert of the group that a whole message does not list', () => {
  const absent = () => afterAlerts(both(), 5, [B], whole('b')).incident;

  test('its source is asked at once; there it is gone: shown, a person is asked, and the escalation waits when nothing else fires', () => {
    const gone = asked(absent(), 5, [], 'gone');
    expect(staleOf(gone)).toBe('gone');
    expect(gone.projection.timeline.at(-1)?.text).toBe('alertmanager no longer reports DiskA. Silenced or gone?');
    expect(gone.outbox.notices.at(-1)).toMatchObject({ about: 'alerts-stale', to: ['onCall'] });
    expect(nextEscalationStep(gone)).not.toBeNull();
    const alone = afterAlerts(gone, 6, [{ ...B, ...END }], whole('b')).incident;
    expect(alone.phase).toBe('declared');
    expect(nextEscalationStep(alone)).toBeNull();
    expect(pagingAccount(alone).state).toBe('in-doubt');
    const back = afterAlerts(alone, 30, [A], whole('a'));
    expect(back.kinds).toEqual(['alerts-seen', 'recurred']);
    expect(nextEscalationStep(back.incident)).not.toBeNull();
  });

  test('it still fires at its source: it counts as reported', () => {
    const there = asked(absent(), 5, ['a'], 'gone');
    expect([staleOf(there), there.alerts.states['a']?.absent]).toEqual([undefined, undefined]);
  });

  test('nobody can be asked: shown after the second such message, not before, and never for a copy of the first', () => {
    const once = asked(absent(), 5, [], 'unknown');
    expect(staleOf(once)).toBeUndefined();
    expect(nextStale(once)?.at).toBeGreaterThan(atMinute(60));
    const copied = afterAlerts(once, 5.01, [B], { ...whole('b'), lateCopyMs: 20_000 }).incident;
    expect(nextStale(copied)?.at).toBeGreaterThan(atMinute(60));
    const twice = asked(afterAlerts(once, 10, [B], whole('b')).incident, 10, [], 'unknown');
    expect(staleOf(twice)).toBe('unknown');
    const more = afterAlerts(twice, 15, [B], whole('b')).incident;
    expect(more.projection.seq).toBe(twice.projection.seq);
  });

  test('the message says that the group is empty: there will be no second one', () => {
    const last = asked(afterAlerts(both(), 5, [{ ...B, ...END }], whole('b')).incident, 5, [], 'unknown');
    expect(staleOf(last)).toBe('unknown');
    expect(last.phase).toBe('declared');
    expect(nextEscalationStep(last)).toBeNull();
  });

  test('another of its groups lists it, the message was received before its report, or is not whole: nothing', () => {
    const elsewhere = afterAlerts(both(), 3, [A], { messageGroup: 'h', listed: ['a'] }).incident;
    const listed = afterAlerts(elsewhere, 5, [B], whole('b')).incident;
    expect(nextStale(listed)?.at).toBeGreaterThan(atMinute(60));
    const early = afterAlerts(both(), 5, [B], { ...whole('b'), receivedAt: atMinute(-1) }).incident;
    expect(early.alerts.states['a']?.absent).toBeUndefined();
    const cut = afterAlerts(both(), 5, [B], { messageGroup: 'g' }).incident;
    expect(cut.alerts.states['a']?.absent).toBeUndefined();
  });

  test('its next report takes the doubt away', () => {
    const gone = asked(absent(), 5, [], 'gone');
    const back = afterAlerts(gone, 6, [A], whole('a', 'b')).incident;
    expect([staleOf(back), back.alerts.states['a']?.absent]).toEqual([undefined, undefined]);
  });
});

describe('[ALERT-23] a sender that leaves alerts out', () => {
  const cut = () => afterAlerts(declaredIncident(), 0, [A], { truncated: 3 }).incident;
  const cleared = () => afterAlerts(cut(), 5, [{ ...A, ...END }], { truncated: 3 }).incident;
  const answer = (incident: Incident, said: SourceAnswer) => {
    const due = nextLeftOut(incident, atMinute(6)) as SourceQuestion;
    return afterEvents(incident, ...eventsAboutLeftOut(incident, due, said, atMinute(6)));
  };

  test('the timeline says so once; nobody is asked while something known fires', () => {
    const again = afterAlerts(cut(), 2, [A], { truncated: 4 }).incident;
    const said = again.projection.timeline.filter(({ kind }) => kind === 'alerts-left-out');
    expect(said.map(({ text }) => text)).toEqual([
      '3 alerts were never sent: alertmanager leaves alerts out of its messages',
    ]);
    expect(nextLeftOut(again, atMinute(3))).toBeNull();
  });

  test('its pages say so, and the first whole message ends that', () => {
    expect(pagedIncident(cut()).title).toBe('Checkout fails (3 alerts were never sent)');
    expect(pagedIncident(afterAlerts(cut(), 2, [A]).incident).title).toBe('Checkout fails');
  });

  test('all that is known has cleared, and nobody can be asked: the on-call is, once, and the escalation waits', () => {
    const questioned = answer(cleared(), { firing: [], answer: 'unknown' });
    expect(questioned.phase).toBe('declared');
    expect(questioned.outbox.notices.at(-1)).toMatchObject({ about: 'left-out-questioned', to: ['onCall'] });
    expect(questioned.projection.timeline.at(-1)?.text).toBe(
      'Every alert that alertmanager sent has cleared, but 3 alerts were never sent.',
    );
    expect(nextLeftOut(questioned, atMinute(60))).toBeNull();
    expect(nextEscalationStep(questioned)).toBeNull();
    const back = afterAlerts(questioned, 30, [{ ...A, startsAt: atMinute(30) }], { truncated: 3 });
    expect(back.kinds).toEqual(['alerts-fired', 'recurred']);
  });

  test('nothing fires in the source any more: it is clear; something does: a person is asked', () => {
    expect(answer(cleared(), { firing: [], answer: 'gone', othersFiring: 0 }).phase).toBe('monitoring');
    const asks = answer(cleared(), { firing: [], answer: 'gone', othersFiring: 2 });
    expect([asks.phase, asks.alerts.leftOut?.askedAt]).toEqual(['declared', atMinute(6)]);
  });

  test('the next whole message ends it', () => {
    const questioned = answer(cleared(), { firing: [], answer: 'unknown' });
    const complete = afterAlerts(questioned, 8, [{ ...A, ...END }]).incident;
    expect([complete.phase, complete.alerts.leftOut]).toEqual(['monitoring', undefined]);
  });
});
