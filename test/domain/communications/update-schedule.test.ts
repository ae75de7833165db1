import { describe, expect, test } from '@jest/globals';
import { nextUpdate, updateDue, updateDueAt } from '../../../domain/communications/update-schedule.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { plainText, type Text } from '../../../domain/kernel/text.ts';
import { aPolicy } from '../../support/builders.ts';
import { afterEvents, firingIncident, atMinute, afterAlerts, T0, afterCommand } from '../../support/pure-incident.ts';

const CLEAR = { status: 'resolved', endsAt: 2_000 } as const;

/** What the clocks do next, in minutes since the declaration. */
function next(incident: Incident): string | null {
  const due = nextUpdate(incident);
  return due && `${due.act} ${(due.at - T0) / 60_000}${due.audiences.length > 0 ? ` ${due.audiences.join('+')}` : ''}`;
}
const dueIn = (incident: Incident, audience: 'internal' | 'public'): number | null => {
  const dueAt = updateDueAt(incident, audience);
  return dueAt === null ? null : (dueAt - T0) / 60_000;
};
const public_ = (incident: Incident, minute: number) =>
  afterEvents(incident, { type: 'public-communication-started', at: atMinute(minute), reason: 'said so' });
const taken = () => public_(afterCommand(firingIncident(), { type: 'acknowledge' }, 2), 2);

test('[COMM-1] [COMM-5] nobody is reminded before somebody has it; then 10 min before for a SEV2', () => {
  expect(next(firingIncident({ restricted: true }))).toBe('miss 30 internal');
  expect(next(taken())).toBe('remind 22 internal+public');
});

describe('[COMM-22] nobody has acknowledged when the first public entry is due', () => {
  const miss = (incident: Incident): Incident =>
    afterEvents(incident, { type: 'public-deadline-missed', at: atMinute(30), dueAt: atMinute(30) });
  const words = (text: Text = []): string => plainText(text, (at) => `+${(at - T0) / 60_000}`);

  test('the timeline, the chat and leadership hear of it, once', () => {
    expect(next(firingIncident())).toBe('report-unpublished 30');
    const missed = miss(firingIncident());
    expect(next(missed)).toBe('miss 30 internal');
    expect(missed.projection.timeline.at(-1)?.kind).toBe('public-deadline-missed');
    expect(words(missed.outbox.posts.at(-1)?.text)).toMatch(
      /^⚠ The public has been told nothing: nobody has acknowledged SEV2 "Checkout fails", and .* due at \+30\. .*`tocsin update .* --status Investigating`/,
    );
    expect(missed.outbox.notices.at(-1)).toMatchObject({ to: aPolicy().leadership, about: 'public-deadline-missed' });
    expect(missed.outbox.publicEntries).toEqual([]);
  });

  test('not once somebody has, nor when all has cleared, nor what is never public, nor what 0.2 declared', () => {
    const { publicPromises: _, ...policy } = aPolicy();
    const cleared = afterAlerts(firingIncident(), 5, [{ status: 'resolved' }]).incident;
    for (const incident of [
      taken(),
      cleared,
      firingIncident({ restricted: true }),
      firingIncident({ severity: 'SEV3' }),
      firingIncident({ policy }),
    ]) {
      expect(next(incident) ?? 'nothing').not.toMatch(/^report-unpublished/);
    }
  });
});

test('[COMM-7] after an outage one holding update stands for all that were due, and promises nothing in the past', () => {
  const late = updateDue(taken());
  const events = late?.events(atMinute(100)) ?? [];
  const reminded = afterEvents(taken(), ...events);
  const held = afterEvents(reminded, ...(updateDue(reminded)?.events(atMinute(100)) ?? []));
  expect(held.outbox.publicEntries.at(-1)).toMatchObject({ at: atMinute(100), nextUpdateAt: atMinute(122) });
  expect(dueIn(held, 'internal')).toBe(122);
});

test('[COMM-5] a watch with a quicker cadence than reminders are for is reminded of after two thirds of it', () => {
  const policy = aPolicy({ monitoring: { ...aPolicy().monitoring, updateEveryMs: 9 * 60_000 } });
  const watched = afterCommand(
    afterCommand(firingIncident({ policy }), { type: 'acknowledge' }),
    { type: 'resolve', resolution: 'fixed' },
    10,
  );
  expect(next(watched)).toBe('remind 16 internal');
});

test.each([
  ['SEV1', 'remind 12 internal'],
  ['SEV2', 'remind 22 internal'],
  ['SEV3', 'remind 47 internal'],
  ['SEV4', null],
] as const)('[COMM-5] [COMM-16] %s is reminded in its own time', (severity, due) => {
  expect(next(afterCommand(firingIncident({ severity, restricted: true }), { type: 'acknowledge' }, 2))).toBe(due);
});

test('[COMM-2] [COMM-3] the public clock begins with the first entry, which waits for the acknowledgement unless told otherwise', () => {
  expect(dueIn(firingIncident(), 'public')).toBeNull();
  expect(next(afterCommand(firingIncident(), { type: 'acknowledge' }, 2))).toBe('go-public 2');
  expect(dueIn(taken(), 'public')).toBe(32);
  const { policy } = firingIncident();
  expect(next(firingIncident({ policy: { ...policy, firstPublicEntry: 'auto' } }))).toBe('go-public 0');
});

test('[COMM-4] raised after the acknowledgement, the first entry is owed at the later of both promises', () => {
  const mild = afterCommand(firingIncident({ severity: 'SEV3' }), { type: 'acknowledge' });
  const raise = (minute: number) =>
    next(afterCommand(mild, { type: 'setSeverity', severity: 'SEV2', reason: 'worse' }, minute));
  expect([raise(5), raise(25)]).toEqual(['remind 21 internal', 'remind 30 internal']);
  const goPublic = (minute: number) => {
    const raised = afterCommand(mild, { type: 'setSeverity', severity: 'SEV2', reason: 'worse' }, minute);
    return next(
      afterEvents(raised, {
        type: 'update-reminded',
        at: atMinute(minute),
        audiences: ['internal'],
        dueAt: atMinute(40),
      }),
    );
  };
  expect([goPublic(5), goPublic(25)]).toEqual(['go-public 30', 'go-public 40']);
});

test('[COMM-6] an internal update restarts its clock, a public one both', () => {
  const say = (audience: 'internal' | 'public') =>
    afterCommand(taken(), { type: 'postUpdate', text: 'so far', audience }, 12);
  expect([dueIn(say('internal'), 'internal'), dueIn(say('internal'), 'public')]).toEqual([42, 32]);
  expect([dueIn(say('public'), 'internal'), dueIn(say('public'), 'public')]).toEqual([42, 42]);
});

test('[COMM-9] a missed update counts from when it was due, so that lateness does not add up', () => {
  const missed = afterEvents(taken(), {
    type: 'update-missed',
    at: atMinute(39),
    audiences: ['internal', 'public'],
    dueAt: atMinute(32),
  });
  expect([dueIn(missed, 'internal'), dueIn(missed, 'public')]).toEqual([62, 62]);
});

describe('[COMM-13] at the end of the watch', () => {
  const watched = (confirmed: boolean) => {
    const cleared = afterAlerts(taken(), 5, [CLEAR]).incident;
    return confirmed ? afterCommand(cleared, { type: 'resolve', resolution: 'done' }, 6) : cleared;
  };
  test('the all-clear takes the place of an update that falls due then', () => expect(next(watched(true))).toBeNull());
  test('but where somebody must confirm first, updates go on', () =>
    expect(next(watched(false))).toBe('remind 25 internal+public'));
  test('and once resolved nothing is due', () => {
    expect(next(afterEvents(watched(true), { type: 'resolved', at: atMinute(35) }))).toBeNull();
  });
});

test('[COMM-12] a change of phase restarts both clocks, and so does a return', () => {
  const mitigating = afterCommand(taken(), { type: 'decideMitigation', decision: 'rollback' }, 11);
  expect([dueIn(mitigating, 'internal'), dueIn(mitigating, 'public')]).toEqual([41, 41]);
});

test('[COMM-11] in the watch updates come every 30 min, also for a SEV1 and a SEV3', () => {
  const watch = (severity: 'SEV1' | 'SEV3') => {
    const forward = {
      type: 'decideMitigation',
      decision: 'fix-forward',
      ticks: ['minor', 'understood', 'faster'],
    } as const;
    const mitigating = afterCommand(afterCommand(firingIncident({ severity }), { type: 'acknowledge' }), forward, 2);
    return dueIn(
      afterCommand(mitigating, { type: 'resolve', resolution: 'done', ignoreAlerts: ['f1'] }, 5),
      'internal',
    );
  };
  expect([watch('SEV1'), watch('SEV3')]).toEqual([35, 35]);
});

test('[SEV-11] [COMM-14] lowered, the public is still kept informed as it was promised; restricted, it never hears', () => {
  const lowered = afterCommand(taken(), { type: 'setSeverity', severity: 'SEV3', reason: 'milder' }, 5);
  expect([dueIn(lowered, 'internal'), dueIn(lowered, 'public')]).toEqual([62, 32]);
  expect(next(afterCommand(firingIncident({ restricted: true }), { type: 'acknowledge' }, 2))).toBe(
    'remind 22 internal',
  );
});

test('[COMM-5] each clock remembers for itself that it was reminded of', () => {
  const spoken = afterCommand(taken(), { type: 'postUpdate', text: 'so far', audience: 'internal' }, 12);
  expect(next(spoken)).toBe('remind 22 public');
  const reminded = afterEvents(spoken, {
    type: 'update-reminded',
    at: atMinute(22),
    audiences: ['public'],
    dueAt: atMinute(32),
  });
  expect(next(reminded)).toBe('remind 32 internal');
  const both = afterEvents(reminded, {
    type: 'update-reminded',
    at: atMinute(32),
    audiences: ['internal'],
    dueAt: atMinute(42),
  });
  expect(next(both)).toBe('miss 32 public');
});

test('[COMM-16] a SEV4 owes no update, in the watch either', () => {
  const watched = afterCommand(firingIncident({ severity: 'SEV4' }), { type: 'resolve', resolution: 'done' }, 2);
  expect([watched.phase, dueIn(watched, 'internal')]).toEqual(['monitoring', null]);
});

test('[COMM-4] a severity without a time to acknowledge grants none when it is raised', () => {
  const { policy } = firingIncident();
  const severities = { ...policy.severities, SEV2: { ...policy.severities.SEV2, acknowledgeWithinMs: null } };
  const mild = afterCommand(firingIncident({ severity: 'SEV3', policy: { ...policy, severities } }), {
    type: 'acknowledge',
  });
  const raised = afterCommand(mild, { type: 'setSeverity', severity: 'SEV2', reason: 'worse' }, 40);
  const unasked = afterEvents(raised, {
    type: 'update-reminded',
    at: atMinute(40),
    audiences: ['internal'],
    dueAt: atMinute(40),
  });
  expect(
    next({
      ...unasked,
      communications: {
        ...unasked.communications,
        internalSchedule: { ...unasked.communications.internalSchedule, restartedAt: atMinute(40) },
      },
    }),
  ).toBe('go-public 40');
});
