/** People called beside the escalation: called again until one of them answers, and the person who called hears. */
import { describe, expect, test } from '@jest/globals';
import { decide } from '../../../domain/engine/decide.ts';
import { deadlines, toView } from '../../../domain/engine/to-view.ts';
import { NEXT_DUE } from '../../../domain/engine/evolve.ts';
import { callsDue } from '../../../domain/escalation/calls.ts';
import { shouldReissuePage } from '../../../domain/escalation/page-requests.ts';
import type { IncidentEvent, PageDelivery } from '../../../domain/kernel/events.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { standingOf } from '../../../domain/kernel/merge-messages.ts';
import { plainText } from '../../../domain/kernel/text.ts';
import { aPolicy } from '../../support/builders.ts';
import { afterCommand, afterEvents, atMinute, declaredIncident, SAMPLE_COMMANDS } from '../../support/pure-incident.ts';
import type { TestCommand } from '../../support/scenario.ts';

const policy = aPolicy({ pursueForMs: 15 * 60_000 });
const toEve: TestCommand = { type: 'escalate', to: 'eve', reason: 'we need the DBA', by: 'bo' };
const taken = (severity: 'SEV1' | 'SEV2' | 'SEV3' = 'SEV2'): Incident =>
  afterCommand(declaredIncident({ severity, policy }), { type: 'acknowledge', by: 'ana' }, 1);
const asked = (severity?: 'SEV1' | 'SEV2' | 'SEV3'): Incident => afterCommand(taken(severity), toEve, 2);
const pageNow = (incident: Incident): Incident['outbox']['pages'][number] => {
  const page = incident.outbox.pages.at(-1);
  if (page === undefined) throw new Error('nobody is paged');
  return page;
};
/** The last page has come back, and reached these. */
const reached = (incident: Incident, minute: number, ...people: readonly string[]): Incident => {
  const { n } = pageNow(incident);
  const deliveries = people.map((to): PageDelivery => ({
    ...{ at: atMinute(minute), to, method: 'sms', key: `${n}/${to}`, state: 'accepted', reason: null, level: 0 },
  }));
  const paged = { type: 'paged', at: atMinute(minute), requestNumber: n, deliveries, methods: 1 } as const;
  return afterEvents(incident, { ...paged, unknown: [], again: false });
};
/** Lets time pass for the calls alone; when each page went out, and what came of it at last. */
function pursue(start: Incident, reaching: readonly string[] = ['eve']): { pages: number[]; end: Incident } {
  let incident = start.outbox.pages.length === 0 ? start : reached(start, 2, ...reaching);
  const pages: number[] = [];
  for (let due = callsDue(incident); due !== null; due = callsDue(incident)) {
    const events: readonly IncidentEvent[] = due.events(due.at);
    incident = afterEvents(incident, ...events);
    if (events[0]?.type !== 'call-repeated') continue;
    const minute = (due.at - atMinute(0)) / 60_000;
    pages.push(minute);
    incident = reached(incident, minute, ...reaching);
  }
  return { pages, end: incident };
}
const noticesOf = ({ outbox }: Incident): readonly string[] =>
  outbox.notices
    .filter(({ about }) => about === 'call-unanswered')
    .map(({ to, text }) => `${to.join()}: ${plainText(text)}`);

describe('[PAGE-45] people who were called and do not answer', () => {
  test.each([
    ['SEV1', [4, 6, 8, 10, 12, 14, 16]],
    ['SEV2', [10]],
    ['SEV3', []],
  ] as const)('%s: they are called again as its notification rules say, for 15 minutes', (severity, minutes) => {
    const start = asked(severity);
    const calls = (start.escalation.calls ?? []).filter(({ reason }) => reason === 'by-hand');
    expect(pursue({ ...start, escalation: { ...start.escalation, calls } }).pages).toEqual(minutes);
  });

  test('each time is a page of its own, which says how often they have been called', () => {
    const first = asked();
    const due = callsDue(reached(first, 2, 'eve'));
    const again = afterEvents(reached(first, 2, 'eve'), ...(due?.events(due.at) ?? []));
    const { reason, method, targets, cause } = pageNow(again);
    expect({ reason, method, targets }).toEqual({
      ...{ reason: 'by-hand', method: 'all', targets: [{ level: 0, names: ['eve'], attempt: 2 }] },
    });
    expect(plainText(cause?.why ?? [])).toMatch(
      /^bo asks for you: we need the DBA; no answer from you since .*: 2nd call$/,
    );
  });

  test('the person who called hears so, by name, and once', () => {
    const { end } = pursue(asked());
    expect(noticesOf(end)).toEqual([
      `bo: eve has not answered your call since ${new Date(atMinute(2)).toISOString()}. ` +
        'Tocsin has stopped calling: try somebody else.',
    ]);
    expect(end.escalation.calls).toBeUndefined();
  });

  test('nobody was reached: the person who called hears that instead', () => {
    expect(noticesOf(pursue(asked(), []).end)[0]).toMatch(/^bo: eve could not be reached by your call since /);
  });

  test('a failed rollback calls the Head of Engineering like that', () => {
    const mitigating = afterCommand(taken(), { type: 'decideMitigation', decision: 'rollback' });
    const failed = afterCommand(mitigating, { type: 'reportMitigation', outcome: 'failed', text: 'no image' }, 2);
    const { pages, end } = pursue(failed, ['hal']);
    expect(pages).toEqual([10]);
    expect(noticesOf(end)[0]).toMatch(/^ana: hal has not answered your call \(rollback failed\) since /);
  });

  test('leadership of a SEV1 is called like that; whoever has it hears', () => {
    const { pages, end } = pursue(taken('SEV1'), ['lea']);
    expect(pages).toEqual([4, 6, 8, 10, 12, 14, 16]);
    expect(noticesOf(end)[0]).toMatch(/^ana: lea has not answered the call \(leadership\) since /);
  });

  test('somebody has it since leadership was called: the next call says so', () => {
    const declared = declaredIncident({ severity: 'SEV1', policy });
    expect(plainText(pageNow(declared).cause?.why ?? [])).toContain('nobody has it yet');
    const held = reached(afterCommand(declared, { type: 'acknowledge', by: 'ana' }, 1), 1, 'lea');
    const due = callsDue(held);
    const again = afterEvents(held, ...(due?.events(due.at) ?? []));
    expect(plainText(pageNow(again).cause?.why ?? [])).toMatch(
      /^ana has it; no answer from leadership since .*: 2nd call$/,
    );
  });

  test('no worker was up: they are called once, late, and not for each time that was missed', () => {
    const start = reached(asked('SEV1'), 2, 'eve');
    const due = callsDue({
      ...start,
      escalation: { ...start.escalation, calls: start.escalation.calls?.slice(-1) ?? [] },
    });
    const late = afterEvents(start, ...(due?.events(atMinute(9)) ?? []));
    expect(late.escalation.calls?.at(-1)).toMatchObject({ times: 2, calledAt: atMinute(9) });
  });

  test('what comes next is among the deadlines', () => {
    const shown = deadlines(reached(asked(), 2, 'eve')).filter(({ kind }) => kind === 'call');
    expect(shown).toEqual([{ kind: 'call', at: atMinute(10), text: 'eve is called again' }]);
  });
});

describe('[PAGE-45] a call that cannot go on as usual', () => {
  test('its first page went out late: it is waited for from then on, and nobody is said not to have answered before', () => {
    const untried = asked('SEV1');
    const onlyEve = (incident: Incident): Incident => {
      const calls = incident.escalation.calls?.filter(({ names }) => names.includes('eve')) ?? [];
      return { ...incident, escalation: { ...incident.escalation, calls } };
    };
    expect(callsDue(onlyEve(untried))).toBeNull();
    const late = onlyEve(reached(untried, 20, 'eve'));
    expect(callsDue(late)).toMatchObject({ at: atMinute(22), summary: 'page those called again' });
  });

  test('the alerts cleared by themselves: it waits, and goes on when they are back', () => {
    const start = reached(asked(), 2, 'eve');
    const cleared = afterEvents(start, { type: 'monitoring-started', at: atMinute(4), by: null, resolution: null });
    expect([callsDue(cleared), cleared.escalation.calls?.length]).toEqual([null, 1]);
    const back = afterEvents(cleared, { type: 'recurred', at: atMinute(5), titles: ['Checkout fails'] });
    expect(callsDue(back)).toMatchObject({ at: atMinute(10) });
  });

  test('the incident is merged into another before the page has reached anybody: it is still sent', () => {
    const into = { workflowId: 'inc-b', incidentId: '01B', reference: null, name: 'INC-2026-002', component: null };
    const merged = afterEvents(asked(), { type: 'merged', at: atMinute(3), by: 'ana', into });
    expect(merged.outbox.pages.map(({ reason }) => reason)).toContain('by-hand');
    const reachedFirst = afterEvents(reached(asked(), 2, 'eve'), { type: 'merged', at: atMinute(3), by: 'ana', into });
    expect(reachedFirst.outbox.pages).toEqual([]);
  });

  test('leadership has not answered when the incident is merged: the other incident may call them itself', () => {
    const unanswered = declaredIncident({ severity: 'SEV1', policy });
    expect(standingOf(unanswered).leadershipOf).toBeNull();
    const seen = afterCommand(reached(unanswered, 1, 'lea'), { type: 'acknowledge', by: 'lea' }, 2);
    expect(standingOf(seen).leadershipOf).toBe(unanswered.team);
  });

  test('a token has acknowledged: leadership that answers its call has seen it, and takes no command by that', () => {
    const declared = reached(declaredIncident({ severity: 'SEV1', policy }), 1, 'lea');
    const byToken = afterCommand(declared, { type: 'acknowledge', by: 'admin', byToken: true }, 2);
    const after = afterCommand(byToken, { type: 'acknowledge', by: 'lea' }, 3);
    expect([after.roles.ic, after.escalation.calls]).toEqual([null, undefined]);
  });
});

describe('[PAGE-45] a call ends', () => {
  const start = reached(asked(), 2, 'eve');
  test.each<[string, TestCommand]>([
    ['their acknowledgement', { type: 'acknowledge', by: 'eve' }],
    ['anything they do', { type: 'addNote', text: 'looking', by: 'eve' }],
    ['a fix', { ...SAMPLE_COMMANDS.resolve, by: 'ana' }],
    ['a false alarm', { ...SAMPLE_COMMANDS.declareFalseAlarm, by: 'ana' }],
  ])('with %s', (_, command) => {
    expect(callsDue(start)).not.toBeNull();
    const after = afterCommand(start, command, 4);
    expect(after.escalation.calls).toBeUndefined();
    expect(callsDue(after)).toBeNull();
  });

  test('somebody else’s commands do not end it', () => {
    expect(afterCommand(start, { type: 'addNote', text: 'looking', by: 'ana' }, 4).escalation.calls).toHaveLength(1);
  });

  test('a team was called: the answer of the person whom that reached ends it', () => {
    const team = reached(afterCommand(taken(), { ...toEve, to: 'shop' }, 2), 2, 'eve');
    expect(afterCommand(team, { type: 'acknowledge', by: 'eve' }, 3).escalation.calls).toBeUndefined();
  });

  test('who was called acknowledges what somebody else has: that is seen, it settles the alarms, and the chat hears', () => {
    const decision = decide(start, { type: 'acknowledge', by: 'eve' }, atMinute(4));
    expect(decision).toMatchObject({ refused: false, events: [{ type: 'seen', by: 'eve' }] });
    const seen = afterCommand(start, { type: 'acknowledge', by: 'eve' }, 4);
    expect(seen.outbox.alarms.at(-1)).toMatchObject({ action: 'acknowledge', at: atMinute(4) });
    expect(plainText(seen.outbox.posts.at(-1)?.text ?? [])).toBe('eve has answered the call.');
    expect(seen.projection.timeline.at(-1)?.text).toBe('eve has seen it');
  });

  test('a person who calls themselves is not called again', () => {
    expect(afterCommand(taken(), { ...toEve, by: 'eve' }, 2).escalation.calls).toBeUndefined();
  });

  test('the incident ends: also a page that has reached nobody yet is withdrawn', () => {
    expect(afterCommand(asked(), { ...SAMPLE_COMMANDS.declareFalseAlarm, by: 'ana' }, 3).outbox.pages).toEqual([]);
  });

  test('for leadership, with the SEV1', () => {
    const lowered = afterCommand(taken('SEV1'), {
      type: 'setSeverity',
      severity: 'SEV2',
      reason: 'one shop',
      by: 'ana',
    });
    expect(lowered.escalation.calls).toBeUndefined();
  });

  test('for leadership, when all of it is paged as on-call anyway', () => {
    const declared = declaredIncident({ severity: 'SEV1', policy: { ...policy, leadership: ['onCall'] } });
    expect(declared.escalation.calls).toHaveLength(1);
    expect(reached(declared, 0).escalation.calls).toBeUndefined();
  });
});

test('[PAGE-45] a newer page of the same call replaces one that no provider has taken', () => {
  const { n } = pageNow(asked());
  const trying = { to: 'eve', method: 'sms', key: `${n}/eve`, level: 0, state: 'retrying', reason: 'busy' } as const;
  const first = afterEvents(asked(), {
    ...{
      type: 'paged',
      at: atMinute(3),
      requestNumber: n,
      methods: 1,
      unknown: [],
      again: true,
      calledAt: atMinute(2),
    },
    deliveries: [{ ...trying, at: atMinute(3) }],
    unsettled: [{ ...trying, failures: 1, refusals: 0, retryAt: atMinute(4) }],
  });
  const due = callsDue(first);
  const again = afterEvents(first, ...(due?.events(due.at) ?? []));
  const [older, newer] = again.outbox.pages.slice(-2);
  if (older === undefined || newer === undefined) throw new Error('two pages');
  expect([shouldReissuePage(again, older), shouldReissuePage(again, newer)]).toEqual([false, true]);
});

test('by a policy of 0.2.0 people are called once', () => {
  const { policy: _, ...declaration } = { policy, severity: 'SEV1' as const };
  const incident = afterCommand(declaredIncident(declaration), toEve, 2);
  expect([incident.escalation.calls, incident.outbox.pages.map(({ call }) => call)]).toEqual([
    undefined,
    [undefined, undefined],
  ]);
  expect(NEXT_DUE.map((next) => next(incident)?.summary)).not.toContain('page those called again');
});

test('why each person was called stays known after the page is out, for each of them alone', () => {
  const called = reached(asked('SEV1'), 3, 'eve');
  expect(called.escalation.calledFor).toEqual({
    eve: { at: atMinute(3), reason: 'by-hand', why: [{ person: 'bo' }, ' asks for you', ': we need the DBA'] },
  });
  const { calledFor } = toView(called);
  expect(calledFor?.['eve']?.at).toBe(new Date(atMinute(3)).toISOString());
  expect(toView(declaredIncident({ severity: 'SEV1', policy })).calledFor).toBeUndefined();
});
