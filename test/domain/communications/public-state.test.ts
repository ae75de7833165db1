/** What everybody sees: the words of the public page, and the state of its components. */
import { describe, expect, test } from '@jest/globals';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { componentStateOf, impactOf, publicTitle, worstState } from '../../../domain/communications/public-state.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import { SEVERITIES } from '../../../domain/kernel/severity.ts';
import type { PublicState } from '../../../domain/kernel/commands.ts';
import {
  afterEvents,
  firingIncident,
  atMinute,
  afterAlerts,
  afterCommand,
  decideCommand,
} from '../../support/pure-incident.ts';

const taken = (over: Partial<Declaration> = {}): Incident =>
  afterEvents(afterCommand(firingIncident(over), { type: 'acknowledge' }, 2), {
    type: 'public-communication-started',
    at: atMinute(2),
    reason: 'acknowledged',
  });
const entries = ({ outbox }: Incident): readonly string[] =>
  outbox.publicEntries.map(({ state, text }) => `${state}: ${text}`);
const MAYBE = '\nImpact: users of Checkout may be affected.';
const CLEARED = 'The problem with Checkout has cleared. We are monitoring it.';
const IN_PLACE = 'A fix for Checkout is in place. We are monitoring it.';
const FIX_FORWARD = {
  type: 'decideMitigation',
  decision: 'fix-forward',
  ticks: ['minor', 'understood', 'faster'],
} as const;
const last = (incident: Incident): string | undefined => entries(incident).at(-1);
const peer = (component: string | null) => ({
  ...{ workflowId: 'inc-b', incidentId: 'E-b', reference: null, name: '"B"', component },
});

test('[COMM-15] a life of a component in the words of the public', () => {
  const decided = afterCommand(taken(), { type: 'decideMitigation', decision: 'rollback' }, 3);
  const watched = afterCommand(decided, { type: 'resolve', resolution: 'rolled back', ignoreAlerts: ['f1'] }, 5);
  const back = afterAlerts(watched, 9, [{ startsAt: 9_000 }]).incident;
  const fixed = afterCommand(back, { type: 'resolve', resolution: 'again', ignoreAlerts: ['f1'] }, 12);
  const over = afterEvents(fixed, { type: 'resolved', at: atMinute(42) });
  expect(entries(afterCommand(over, { type: 'reopen', reason: 'not fixed' }, 50))).toEqual([
    `Investigating: We are investigating a problem with Checkout.${MAYBE}`,
    `Investigating: We are restoring service, and still investigating the problem with Checkout.${MAYBE}`,
    'Monitoring: A fix for Checkout is in place. We are monitoring it.',
    `Investigating: The problem with Checkout is back. We are working on it.${MAYBE}`,
    'Monitoring: A fix for Checkout is in place. We are monitoring it.',
    'Resolved: The problem with Checkout is resolved.',
    `Investigating: The problem with Checkout is back. We are working on it.${MAYBE}`,
  ]);
});

describe('[COMM-20] a cause is claimed only where one is known', () => {
  test('a fix forward knows what it fixes, until it has failed', () => {
    const decided = afterCommand(taken(), FIX_FORWARD, 3);
    expect(last(decided)).toBe(`Identified: We have identified the problem with Checkout and are fixing it.${MAYBE}`);
    const failed = afterCommand(decided, { type: 'reportMitigation', outcome: 'failed' }, 5);
    expect(last(failed)).toBe(
      `Investigating: Our attempt to fix the problem with Checkout did not work. We are still working on it.${MAYBE}`,
    );
    expect(failed.outbox.publicEntries.at(-1)).toMatchObject({ nextUpdateAt: atMinute(35) });
  });

  test('when a rollback has failed, the public hears it; when it worked, monitoring says so', () => {
    const decided = afterCommand(taken(), { type: 'decideMitigation', decision: 'rollback' }, 3);
    const failed = afterCommand(decided, { type: 'reportMitigation', outcome: 'failed' }, 5);
    expect(entries(failed)).toHaveLength(entries(decided).length + 1);
    const worked = afterCommand(decided, { type: 'reportMitigation', outcome: 'worked' }, 5);
    expect(entries(worked)).toEqual(entries(decided));
  });

  test('a cause that is said while service is being restored is told in fixed words, and stays known', () => {
    const decided = afterCommand(taken(), { type: 'decideMitigation', decision: 'rollback' }, 3);
    const said = afterCommand(decided, { type: 'cause', text: 'the keys leaked' }, 5);
    expect(last(said)).toBe('Identified: We have identified the problem with Checkout and are fixing it.');
    expect(said.outbox.publicEntries.at(-1)).toMatchObject({ nextUpdateAt: atMinute(35) });
    expect(entries(afterCommand(said, { type: 'cause', text: 'a full disk' }, 6))).toEqual(entries(said));
    expect(last(afterCommand(said, { type: 'reportMitigation', outcome: 'failed' }, 7))).toMatch(/^Identified: Our/);
  });

  test('one that is said before anything is decided goes public with the decision', () => {
    const said = afterCommand(taken(), { type: 'cause', text: 'the keys leaked' }, 3);
    expect(entries(said)).toHaveLength(1);
    expect(last(afterCommand(said, { type: 'decideMitigation', decision: 'rollback' }, 4))).toMatch(/^Identified: We/);
  });

  test('what a person claimed of a fix ends when it has failed', () => {
    const decided = afterCommand(taken(), { type: 'decideMitigation', decision: 'rollback' }, 3);
    const claim = { type: 'postUpdate', text: 'Fixed.', audience: 'public', status: 'Monitoring' } as const;
    const failed = afterCommand(afterCommand(decided, claim, 4), { type: 'reportMitigation', outcome: 'failed' }, 5);
    expect(last(failed)).toMatch(/^Investigating: Our attempt/);
  });
});

test('[COMM-20] while alerts fire, a fix is not in place: it was applied, and is being checked', () => {
  const watched = afterCommand(taken(), { type: 'resolve', resolution: 'restarted' }, 5);
  expect(last(watched)).toBe(
    'Monitoring: We have applied a fix for the problem with Checkout and are checking whether it works.',
  );
});

test.each([
  ['a mere decision, after which the alert clears, is none', null, CLEARED],
  ['what was tried and is reported to have worked is one', 'worked', IN_PLACE],
  ['what was tried and is reported to have failed is none', 'failed', CLEARED],
] as const)('[COMM-20] a fix in place: %s', (_, outcome, words) => {
  const decided = afterCommand(taken(), { type: 'decideMitigation', decision: 'rollback' }, 3);
  const reported = outcome === null ? decided : afterCommand(decided, { type: 'reportMitigation', outcome }, 4);
  const cleared = afterAlerts(reported, 9, [{ status: 'resolved' }]).incident;
  expect(last(cleared)).toBe(`Monitoring: ${words}`);
});

test('[COMM-10] an entry of the monitoring window promises its end where no update is due before', () => {
  const watched = afterCommand(taken(), { type: 'resolve', resolution: 'again', ignoreAlerts: ['f1'] }, 5);
  expect(watched.outbox.publicEntries.at(-1)).toMatchObject({ nextUpdateAt: atMinute(35) });
});

test('[COMM-21] the impact is told by scope and component, never in the words of an assessment', () => {
  const impactOfLast = (over: object): string | undefined =>
    last(
      afterCommand(
        afterCommand(taken(), { type: 'assessImpact', summary: 'the keys leaked', ...over }, 3),
        { type: 'decideMitigation', decision: 'rollback' },
        4,
      ),
    )?.split('\n')[1];
  expect(impactOfLast({ scope: 'all' })).toBe('Impact: all users of Checkout.');
  expect(impactOfLast({ scope: 'subset' })).toBe('Impact: some users of Checkout.');
  expect(impactOfLast({ usersAffected: 7 })).toBe('Impact: users of Checkout may be affected.');
});

describe('[COMM-15] a state without words is said in a standard sentence that is true as it is now', () => {
  const say = (incident: Incident, status: PublicState): string | undefined =>
    last(afterCommand(incident, { type: 'postUpdate', audience: 'public', status }, 3));

  test('once we are investigating in public, the next one still is', () => {
    expect(say(taken(), 'Investigating')).toBe('Investigating: We are still investigating the problem with Checkout.');
    const unpublished = say(firingIncident(), 'Investigating');
    expect(unpublished).toBe('Investigating: We are investigating a problem with Checkout.');
  });

  test('a fix is in place only when somebody said so and nothing fires', () => {
    expect(say(taken(), 'Monitoring')).toMatch(/are checking whether it works\.$/);
    const cleared = afterAlerts(taken(), 2, [{ status: 'resolved' }]).incident;
    expect(say(cleared, 'Monitoring')).toBe(`Monitoring: ${CLEARED}`);
    const confirmed = afterCommand(cleared, { type: 'resolve', resolution: 'restarted' }, 3);
    expect(say(confirmed, 'Monitoring')).toBe(`Monitoring: ${IN_PLACE}`);
  });

  test('neither words nor a state: nothing to say', () => {
    expect(decideCommand(taken(), { type: 'postUpdate', audience: 'public' })).toMatchObject({ refused: true });
  });
});

test('another decision is no news for the public', () => {
  const decided = afterCommand(taken(), { type: 'decideMitigation', decision: 'rollback' }, 3);
  const other = afterCommand(
    decided,
    { type: 'decideMitigation', decision: 'fix-forward', ticks: ['minor', 'understood', 'faster'] },
    4,
  );
  expect(entries(other)).toEqual(entries(decided));
});

test('what is said inside stays inside', () => {
  const said = afterCommand(taken(), { type: 'postUpdate', audience: 'internal', text: 'the keys leaked' }, 3);
  expect(entries(said)).toHaveLength(1);
});

test('[COMM-14] nothing is said in public before it began there, of a test, or of what is restricted', () => {
  expect(entries(afterCommand(firingIncident(), { type: 'declareFalseAlarm', reason: 'x' }))).toEqual([]);
  for (const over of [{ restricted: true }, { test: true }]) {
    expect(entries(afterCommand(taken(over), { type: 'declareFalseAlarm', reason: 'x' }, 3))).toEqual([]);
  }
  expect(last(afterCommand(taken(), { type: 'declareFalseAlarm', reason: 'x' }, 3))).toBe(
    'Resolved: This was a false alarm: there was no problem with Checkout.',
  );
});

test('a problem of no component is one of our services', () => {
  expect(last(taken({ component: null }))).toMatch(
    /^Investigating: We are investigating a problem with our services\.\n/,
  );
  expect([publicTitle('Checkout'), publicTitle(null)]).toEqual(['Problem with Checkout', 'Problem with our services']);
});

test('[COMM-7] in the watch the holding update says that the fix is watched', () => {
  const missed = { type: 'update-missed', audiences: ['public'] } as const;
  const watched = afterCommand(taken(), { type: 'resolve', resolution: 'done' }, 5);
  expect(last(afterEvents(watched, { ...missed, at: atMinute(35), dueAt: atMinute(35) }))).toBe(
    'Monitoring: We are still monitoring Checkout.',
  );
  expect(
    entries(afterEvents(watched, { ...missed, audiences: ['internal'], at: atMinute(35), dueAt: atMinute(35) })),
  ).toEqual(entries(watched));
});

test('[LIFE-22] merged, the public is sent on; never to a component that is kept from it', () => {
  const merged = (component: string | null, over: Partial<Declaration> = {}): string | undefined =>
    last(afterEvents(taken(over), { type: 'merged', at: atMinute(3), by: 'ana', into: peer(component) }));
  const elsewhere = 'The problem with Checkout is part of the problem with Search and is followed there.';
  expect(merged('Search')).toBe(`Resolved: ${elsewhere}`);
  const here = 'Resolved: The problem with Checkout is part of another problem and is followed there.';
  expect([merged('Checkout'), merged(null)]).toEqual([here, here]);
});

describe('the state of a component', () => {
  test('while it is broken follows the worst severity reached', () => {
    expect(SEVERITIES.map((severity) => componentStateOf('Investigating', impactOf(severity)))).toEqual([
      ...['major_outage', 'partial_outage', 'degraded_performance', 'operational'],
    ]);
    expect(componentStateOf('Identified', 'critical')).toBe('major_outage');
  });

  test('while a fix is watched is degraded, unless the public never saw anything', () => {
    expect(SEVERITIES.map((severity) => componentStateOf('Monitoring', impactOf(severity)))).toEqual([
      ...['degraded_performance', 'degraded_performance', 'degraded_performance', 'operational'],
    ]);
  });

  test('is operational once it is over', () => {
    expect(SEVERITIES.map((severity) => componentStateOf('Resolved', impactOf(severity)))).toEqual([
      ...['operational', 'operational', 'operational', 'operational'],
    ]);
  });

  test('that several incidents are about is the worst of theirs', () => {
    expect(worstState(['operational', 'major_outage', 'degraded_performance'])).toBe('major_outage');
    expect(worstState([])).toBe('operational');
  });
});
