/** What people read, word for word where a wrong word would send them the wrong way. */
import { describe, expect, test } from '@jest/globals';
import { EVENT_TEXTS } from '../../../domain/communications/catalogue.ts';
import type { IncidentEvent } from '../../../domain/kernel/events.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { LONGEST_WINDOW_MS } from '../../../domain/kernel/maintenance.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import { worstOf, isWorse, isMajor, SEVERITIES } from '../../../domain/kernel/severity.ts';
import type { Text } from '../../../domain/kernel/text.ts';
import { fillTemplate, joinFirst, joinList, lookupIn, truncate } from '../../../domain/kernel/text.ts';
import {
  afterEvents,
  firingIncident,
  atMinute,
  declaredIncident,
  afterAlerts,
  T0,
  afterCommand,
} from '../../support/pure-incident.ts';

const plain = (text: Text = []): string =>
  text
    .map((part) => (typeof part === 'string' ? part : 'at' in part ? `+${(part.at - T0) / 60_000}` : part.person))
    .join('');
const post = ({ outbox }: Incident): string => plain(outbox.posts.at(-1)?.text);
const note = ({ outbox }: Incident): string => plain(outbox.notices.at(-1)?.text);
const line = ({ projection }: Incident): string => projection.timeline.at(-1)?.text ?? '';
const taken = (over: Partial<Declaration> = {}): Incident =>
  afterCommand(firingIncident(over), { type: 'acknowledge' }, 2);
const said = (incident: Incident, event: IncidentEvent): Incident => afterEvents(incident, event);
const FIX = { type: 'resolve', resolution: 'restarted', ignoreAlerts: ['f1'] } as const;

describe('the team’s chat', () => {
  test('says of the end whether people ended it or it recovered by itself', () => {
    const byItself = said(afterAlerts(firingIncident(), 5, [{ status: 'resolved' }]).incident, {
      type: 'resolved',
      at: atMinute(35),
    });
    expect(post(byItself)).toBe('ALL CLEAR: Checkout fails is resolved (it recovered by itself).');
    const byPeople = said(afterCommand(taken({ severity: 'SEV3' }), FIX, 5), { type: 'resolved', at: atMinute(35) });
    expect(post(byPeople)).toBe('ALL CLEAR: Checkout fails is resolved. The team stands down.');
  });

  test('adds advice to an impact only where there is some', () => {
    const known = afterCommand(taken(), { type: 'assessImpact', summary: 'Orders are lost', usersAffected: 1 }, 3);
    expect(post(known)).toBe('Impact: Orders are lost; 1 users affected');
    const unknown = afterCommand(taken(), { type: 'assessImpact', summary: 'Orders are lost' }, 3);
    expect(post(unknown)).toContain('\nIf the impact cannot be determined, roll back');
    const long = afterCommand(taken(), { type: 'assessImpact', summary: 'x'.repeat(3_000), usersAffected: 1 }, 3);
    expect(post(long)).toHaveLength('Impact: '.length + 1_000);
  });

  test('asks for roles when a worse severity wants more, and somebody is there to give them', () => {
    const raise = { type: 'setSeverity', severity: 'SEV2', reason: 'half of them' } as const;
    expect(post(afterCommand(taken({ severity: 'SEV3' }), raise, 5))).toContain('\nNeeded: ');
    const alone = said(firingIncident({ severity: 'SEV3' }), {
      ...{ type: 'severity-changed', at: atMinute(5), by: null, from: 'SEV3', to: 'SEV2', reason: 'worse' },
    });
    expect(post(alone)).toBe('Severity SEV3 → SEV2: worse');
    expect(post(afterCommand(taken(), { ...raise, severity: 'SEV1' }, 5))).toBe('Severity SEV2 → SEV1: half of them');
  });

  test('names what still fires at a fix: ten of them', () => {
    const many = Array.from({ length: 12 }, (_, n) => ({ fingerprint: `g${n}`, labels: { alertname: `A${n}` } }));
    const fixed = afterCommand(afterAlerts(taken(), 3, many).incident, { ...FIX, resolution: 'Done!' }, 5);
    expect(post(fixed)).toContain(
      'Fixed: Done! Monitoring until +35. Still firing: A0, A1, A2, A3, A4, A5, A6, A7, A8, A9 and 2 more.\n',
    );
    const long = afterAlerts(taken(), 3, [{ fingerprint: 'g', labels: { alertname: 'x'.repeat(900) } }]).incident;
    expect(/Still firing: (.*)\.\n/.exec(post(afterCommand(long, FIX, 5)))?.[1]).toHaveLength(500);
  });

  test('has the impact at the declaration, as far as anybody said', () => {
    expect(post(declaredIncident())).toContain('\nImpact: not assessed yet\nStatus');
    const known = declaredIncident({ summary: 'Carts are empty', severityGuessed: true, declaredBy: 'ana' });
    expect(post(known)).toContain('Severity: SEV2 (guessed)\nImpact: Carts are empty\nStatus');
    expect(post(declaredIncident())).toContain('Severity: SEV2\n');
  });

  test("has an alert's summary as what it is, no impact", () => {
    const byAlert = declaredIncident({ summary: 'disk 99% on db1' });
    expect(post(byAlert)).toContain('\nImpact: not assessed yet\nSummary: disk 99% on db1\nStatus');
  });

  test('gives the order of work to whoever takes a SEV1 or SEV2, and to nobody else', () => {
    expect(post(taken())).toContain('\nRestore service first');
    expect(post(taken({ severity: 'SEV3' }))).not.toContain('Restore service first');
  });

  test('says who has it when another answers, without taking command from anybody', () => {
    const again = afterAlerts(afterAlerts(taken(), 5, [{ status: 'resolved' }]).incident, 6, [
      { startsAt: 9_000 },
    ]).incident;
    expect(post(afterCommand(again, { type: 'acknowledge', by: 'ana' }, 7))).toBe('ana has it.');
  });

  test('is told of a stale alert once', () => {
    const stale: IncidentEvent = {
      ...{ type: 'alerts-stale', at: atMinute(720), source: 'grafana', fingerprints: ['f1'], newlyStale: ['f1'] },
      ...{ answer: 'unknown', unreportedMs: 60_000 },
    };
    const once = said(taken(), stale);
    expect(post(once)).toContain(
      'No reports about CheckoutFails for 60 s; grafana could not be asked. If it is over: `tocsin resolve ',
    );
    expect(said(once, { ...stale, newlyStale: [] }).outbox.posts).toEqual(once.outbox.posts);
  });

  test('marks a test as a test', () => {
    expect(post(declaredIncident({ test: true }))).toMatch(/^\[TEST\] INCIDENT DECLARED/);
    expect(post(declaredIncident())).toMatch(/^INCIDENT DECLARED/);
  });

  test('[LIFE-15] a failed mitigation says what comes next', () => {
    const failed = { type: 'reportMitigation', outcome: 'failed', text: 'no image' } as const;
    const back = afterCommand(taken(), { type: 'decideMitigation', decision: 'rollback' }, 3);
    expect(post(afterCommand(back, failed, 4))).toBe('ana: the rollback FAILED: no image. Paging hal.');
    const ticks = ['minor', 'understood', 'faster'];
    const forward = afterCommand(taken(), { type: 'decideMitigation', decision: 'fix-forward', ticks }, 3);
    expect(post(afterCommand(forward, failed, 4))).toBe(
      'ana: the fix FAILED: no image. Roll back, then check health again.',
    );
    expect(post(afterCommand(back, { type: 'reportMitigation', outcome: 'worked' }, 4))).toBe(
      'ana: the rollback worked.',
    );
  });
});

describe('the releases channel', () => {
  const releases = ({ outbox }: Incident) => outbox.posts.map(({ releases: how }) => how);

  test('follows what matters to others, in one thread', () => {
    expect(releases(afterCommand(taken(), FIX, 4))).toEqual(['announce', null, 'thread']);
  });

  test('hears nothing of tests and of what is restricted', () => {
    for (const over of [{ test: true }, { restricted: true }]) {
      expect(new Set(releases(afterCommand(taken(over), FIX, 4)))).toEqual(new Set([null]));
    }
  });
});

describe('single people', () => {
  const paged = (): Incident => ({
    ...firingIncident(),
    escalation: { ...firingIncident().escalation, paged: ['ana', 'bo'], leadershipPaged: ['lea'] },
  });
  const to = (incident: Incident, about: string) =>
    incident.outbox.notices.filter((one) => one.about === about).map((one) => [one.to, one.except]);

  test('[PAGE-18] everyone else who was, or may have been, paged hears who has it', () => {
    const inFlight = afterEvents(paged(), { type: 'escalated', at: atMinute(1), by: 'cy', to: 'hal', reason: 'x' });
    expect(to(afterCommand(inFlight, { type: 'acknowledge' }, 2), 'acknowledged')).toEqual([
      [['ana', 'bo', 'lea', 'hal'], ['ana']],
    ]);
    expect(
      to(
        afterCommand(
          { ...firingIncident(), escalation: { ...firingIncident().escalation, paged: ['ana'] } },
          { type: 'acknowledge' },
          2,
        ),
        'acknowledged',
      ),
    ).toEqual([]);
  });

  test('[PAGE-23] hear that it cleared by itself, unless somebody has it', () => {
    const cleared = afterAlerts(paged(), 5, [{ status: 'resolved' }]).incident;
    expect(to(cleared, 'monitoring-started')).toEqual([[['ana', 'bo', 'lea'], []]]);
    expect(note(cleared)).toBe('Cleared by itself.');
    expect(to(afterCommand(afterCommand(paged(), { type: 'acknowledge' }, 2), FIX, 5), 'monitoring-started')).toEqual(
      [],
    );
  });

  test('[COMM-5] [COMM-9] are reminded, and told what was missed: the communications lead first', () => {
    const lead = afterCommand(taken(), { type: 'assignRole', role: 'communicationsLead', person: 'eve' }, 3);
    const reminded = afterEvents(lead, {
      type: 'update-reminded',
      at: atMinute(22),
      dueAt: atMinute(32),
      audiences: ['internal', 'public'],
    });
    expect(to(reminded, 'update-reminded')).toEqual([[['eve'], []]]);
    expect(note(reminded)).toMatch(
      /^Internal and public updates are due at \+32: `tocsin update inc-platform-0001 --public --text "…"`\. Draft: Status: investigating\. Impact: Checkout fails\. Needed: /,
    );
    const missed = afterEvents(lead, {
      type: 'update-missed',
      at: atMinute(32),
      dueAt: atMinute(32),
      audiences: ['internal'],
    });
    expect(to(missed, 'update-missed')).toEqual([[['eve', 'ana'], []]]);
    const both = afterCommand(lead, { type: 'assignRole', role: 'ic', person: 'eve' }, 4);
    expect(
      to(
        afterEvents(both, { type: 'update-missed', at: atMinute(32), dueAt: atMinute(32), audiences: ['internal'] }),
        'update-missed',
      ),
    ).toEqual([[['eve'], []]]);
    const nobody = afterEvents(firingIncident(), {
      type: 'update-reminded',
      at: atMinute(22),
      dueAt: atMinute(32),
      audiences: ['internal'],
    });
    expect(nobody.outbox.notices).toEqual([]);
  });

  test('get a draft with what is known of the impact, short enough for a message', () => {
    const remind = (incident: Incident): string =>
      note(
        afterEvents(incident, {
          type: 'update-reminded',
          at: atMinute(22),
          dueAt: atMinute(32),
          audiences: ['internal'],
        }),
      );
    expect(remind(taken({ summary: 'Carts are empty', severity: 'SEV3' }))).toContain('Impact: Carts are empty.');
    const known = afterCommand(taken({ severity: 'SEV3' }), { type: 'assessImpact', summary: 'y'.repeat(900) }, 3);
    expect(/Draft: (.*)$/.exec(remind(known))?.[1]?.length).toBeLessThanOrEqual(400);
  });

  test('[LIFE-4] the IC is asked to confirm; without one nobody is', () => {
    const asked = afterEvents(afterAlerts(taken(), 5, [{ status: 'resolved' }]).incident, {
      type: 'confirmation-requested',
      at: atMinute(35),
    });
    expect(to(asked, 'confirmation-requested')).toEqual([[['ana'], []]]);
    expect(
      to(afterEvents(firingIncident(), { type: 'confirmation-requested', at: atMinute(35) }), 'confirmation-requested'),
    ).toEqual([]);
  });

  test('who takes a role himself is not told who gave it', () => {
    expect(note(afterCommand(taken(), { type: 'assignRole', role: 'scribe', person: 'ana' }, 3))).toBe(
      'You are scribe of SEV2 "Checkout fails".',
    );
    const again = afterEvents(afterCommand(taken(), { type: 'assignRole', role: 'scribe', person: 'bo' }, 3), {
      ...{ type: 'role-assigned', at: atMinute(4), by: 'ana', role: 'scribe', person: 'bo' },
    });
    expect(to(again, 'role-assigned')).toHaveLength(1);
  });

  test('of a test nobody is told', () => {
    expect(afterCommand({ ...paged(), test: true }, { type: 'acknowledge' }, 2).outbox.notices).toEqual([]);
  });
});

describe('whoever is given command', () => {
  const hand = (incident: Incident): string =>
    note(afterCommand(incident, { type: 'assignRole', role: 'ic', person: 'bo' }, 9));

  test('reads where it stands: what was decided, what is due, what people did and said last, and what fires', () => {
    const many = Array.from({ length: 6 }, (_, n) => ({ fingerprint: `g${n}`, labels: { alertname: `A${n}` } }));
    const decided = afterCommand(
      afterAlerts(taken(), 3, many).incident,
      { type: 'decideMitigation', decision: 'rollback' },
      4,
    );
    const noted = afterCommand(decided, { type: 'addNote', text: `two\nlines ${'x'.repeat(300)}` }, 5);
    const text = hand(noted);
    expect(text).toContain('declared at +0. Impact: not known yet. Decided: rollback.');
    expect(text).toContain('Decided: rollback. Next update due at +34. Needed: ');
    expect(text.split('\nLast:\n')[1]?.split('\n')).toEqual([
      '+2 ana has it',
      '+4 ana decided to roll back',
      `+5 ana: two lines ${'x'.repeat(199 - 'two lines '.length)}…`,
      'Firing: CheckoutFails, A0, A1, A2, A3, A4, A5.',
      '(Assigned by ana.)',
    ]);
  });

  test('reads what people did and said however much monitoring had to say since', () => {
    const noisy = Array.from({ length: 60 }, (_, n) => n).reduce(
      (incident, n) => afterEvents(incident, { type: 'ticket-reminded', at: atMinute(3 + n), dueAt: atMinute(3) }),
      taken(),
    );
    expect(noisy.projection.timeline.some(({ kind }) => kind === 'acknowledged')).toBe(false);
    expect(hand(noisy)).toContain('\nLast:\n+2 ana has it\nFiring: ');
  });

  test('reads no more of a long impact than fits', () => {
    const known = afterCommand(taken(), { type: 'assessImpact', summary: 'y'.repeat(900) }, 3);
    expect(/Impact: (y+…)\. /.exec(hand(known))?.[1]).toHaveLength(500);
  });

  test('reads nothing of what is not there', () => {
    const bare = afterCommand(declaredIncident({ severity: 'SEV4' }), { type: 'acknowledge' }, 2);
    expect(hand(bare)).toMatch(
      /^You are incident commander of SEV4 "Checkout fails", investigating, declared at \+0\. Impact: not known yet\.\nLast:\n/,
    );
  });
});

describe('the timeline', () => {
  test.each<readonly [string, IncidentEvent]>([
    [
      '1 group joined the storm: A',
      {
        type: 'groups-joined',
        at: atMinute(1),
        groups: [{ workflowId: 'w', title: 'A', severity: 'SEV2', service: null }],
      },
    ],
    [
      'Page failed: no vendor',
      { type: 'page-failed', at: atMinute(1), requestNumber: 1, reason: 'no vendor', again: false },
    ],
    [
      'Page failed: no vendor; retrying',
      { type: 'page-failed', at: atMinute(1), requestNumber: 1, reason: 'no vendor', again: true },
    ],
    [
      'Could not deliver the posts yet: HTTP 503',
      { type: 'notification-failed', at: atMinute(1), what: 'posts', reason: 'HTTP 503', givenUp: false },
    ],
    [
      'Gave up on a message (posts): gone',
      { type: 'notification-failed', at: atMinute(1), what: 'posts', reason: 'gone', givenUp: true },
    ],
    [
      'ana ignored a, b, c, d, e and 2 more when resolving',
      { type: 'alerts-ignored', at: atMinute(1), by: 'ana', fingerprints: [...'abcdefg'] },
    ],
    [
      'ana ignored a, b, c, d, e when resolving',
      { type: 'alerts-ignored', at: atMinute(1), by: 'ana', fingerprints: [...'abcde'] },
    ],
    [
      'Nobody new to page',
      { type: 'paged', at: atMinute(1), requestNumber: 9, deliveries: [], methods: 0, unknown: [], again: false },
    ],
    [
      'Skipped "zoe": not in the configuration. Somebody could not be reached yet; still trying.',
      { type: 'paged', at: atMinute(1), requestNumber: 9, deliveries: [], methods: 0, unknown: ['zoe'], again: true },
    ],
    ['Closed: done', { type: 'closed', at: atMinute(1), by: 'ana', reason: 'done' }],
    ['Closed', { type: 'closed', at: atMinute(1), by: null, reason: null }],
    [
      'All alerts have cleared; monitoring',
      { type: 'monitoring-started', at: atMinute(1), by: null, resolution: null },
    ],
    [
      'ana decided to roll back',
      { type: 'mitigation-decided', at: atMinute(1), by: 'ana', decision: 'rollback', action: null, reason: null },
    ],
    ['Mitigation worked', { type: 'mitigation-reported', at: atMinute(1), by: 'ana', outcome: 'worked', text: null }],
    [
      'The incident this was merged into is over; alerts that fire here from now on open a new incident',
      { type: 'merge-target-closed', at: atMinute(1) },
    ],
    ['ana completed the post-mortem', { type: 'postmortem-completed', at: atMinute(1), by: 'ana', url: null }],
    [
      'ESCALATION EXHAUSTED: nobody answered in pass 2 through all levels; nobody is left to page',
      { type: 'escalation-exhausted', at: atMinute(1), cycle: 2, last: true },
    ],
    [
      'cy escalated to the next level: help',
      { type: 'escalated', at: atMinute(1), by: 'cy', to: null, reason: 'help' },
    ],
  ])('%s', (text, event) => {
    expect(line(afterEvents(firingIncident(), event))).toBe(text);
  });

  test('says of a failed delivery why, and of a name what fits', () => {
    const delivery = { at: atMinute(1), to: 'bo', method: 'sms', key: 'k', state: 'failed', level: 1 } as const;
    const failed = (reason: string | null): string =>
      line(
        afterEvents(firingIncident(), {
          type: 'paged',
          at: atMinute(1),
          requestNumber: 9,
          methods: 1,
          unknown: [],
          again: false,
          deliveries: [{ ...delivery, reason }],
        }),
      );
    expect([failed('refused'), failed(null)]).toEqual([
      'Page FAILED: bo by sms (refused).',
      'Page FAILED: bo by sms (no reason given).',
    ]);
    expect(line(afterAlerts(declaredIncident(), 1, [{ title: 't'.repeat(300) }]).incident)).toHaveLength(
      '1 alert firing: '.length + 200,
    );
    expect(line(afterAlerts(declaredIncident(), 1, [{}, { fingerprint: 'f2' }]).incident)).toMatch(
      /^2 alerts firing: /,
    );
  });

  test('says who declared it, what was guessed, and what it is a recurrence of', () => {
    expect(line(declaredIncident({ declaredBy: 'cy', recurrenceOf: 'INC-2026-001' }))).toBe(
      'Declared by cy: SEV2 "Checkout fails" for team platform; recurrence of INC-2026-001',
    );
    expect(line(declaredIncident({ severityGuessed: true }))).toBe(
      'Declared by alertmanager: SEV2 (guessed) "Checkout fails" for team platform',
    );
    expect(declaredIncident({ declaredBy: 'cy' }).projection.timeline.at(-1)?.by).toBe('cy');
    expect(declaredIncident().projection.timeline.at(-1)?.by).toBeNull();
  });
});

describe('[LIFE-25] a stale alert', () => {
  const text = (news: number, over: object = {}): string =>
    line(
      afterEvents(declaredIncident(), {
        ...{
          type: 'alerts-stale',
          at: atMinute(1),
          source: 'grafana',
          fingerprints: [],
          unreportedMs: 7_200_000,
          answer: 'gone',
        },
        ...{ newlyStale: Array.from({ length: news }, (_, n) => `f${n}`), ...over },
      }),
    );

  test('is named with how long and what its source says; ten by name', () => {
    expect(text(1)).toBe('No reports about f0 for 2 h; grafana has silenced or dropped it.');
    expect(text(2)).toBe('No reports about f0, f1 for 2 h; grafana has silenced or dropped them.');
    expect(text(12)).toContain('f9 and 2 more for 2 h');
    expect(text(10)).not.toContain('more');
    expect(text(0)).toBe(line(declaredIncident()));
    expect(text(12, { answer: 'vanished' })).toBe(
      'grafana ended f0, f1, f2, f3, f4, f5, f6, f7, f8, f9 and 2 more because the rule or its data changed, not because all is well.',
    );
  });

  test.each([
    [60_000, '60 s'],
    [99 * 60_000, '99 min'],
    [120 * 60_000, '2 h'],
    [30 * 3_600_000, '30 h'],
  ])('unreported for %i ms is said to be so for %s', (unreportedMs, words) =>
    expect(text(1, { unreportedMs })).toContain(`for ${words};`),
  );

  test('of a long name leaves room for the rest', () => {
    const news = ['x'.repeat(900)];
    expect(text(1, { newlyStale: news })).toHaveLength(text(1).length - 2 + 500);
    expect(text(1, { newlyStale: news, answer: 'vanished' })).toHaveLength(
      text(1, { answer: 'vanished' }).length - 2 + 500,
    );
  });
});

test('[COMM-10] an update in the long form says only what was said', () => {
  const update = { type: 'postUpdate', audience: 'internal', text: 'On it' } as const;
  expect(post(afterCommand(taken(), update, 3))).toBe('UPDATE [+3]\nStatus: investigating\nOn it\nNext update: +33');
  expect(post(afterCommand(taken(), { ...update, status: 'Identified', eta: 'noon' }, 3))).toBe(
    'Incident Update - +3\nStatus: Identified\nOn it\nETA: noon\nNext update: +33',
  );
  const known = afterCommand(taken(), { type: 'assessImpact', summary: 'Orders are lost', usersAffected: 2 }, 3);
  expect(post(afterCommand(known, { ...update, cause: 'the release' }, 4))).toContain(
    '\nImpact: Orders are lost; 2 users affected\nCause: the release\n',
  );
  expect(post(afterCommand(known, { ...update, impact: 'less' }, 4))).toContain('\nImpact: less\n');
});

describe('a built-in template', () => {
  const values = { a: 'A', who: { person: 'ana' }, list: ['x', { at: 1 }] } as const;
  test.each([
    ['{{a}} and {{missing}}.', ['A and .']],
    ['{{who}} has {{list}}', [{ person: 'ana' }, ' has x', { at: 1 }]],
    ['{{#a}}yes {{a}}{{/a}}{{^a}}no{{/a}}', ['yes A']],
    ['{{#missing}}yes {{#a}}{{a}}{{/a}}{{/missing}}{{^missing}}no{{/missing}}', ['no']],
    ['one\n{{#missing}}\ntwo\n{{/missing}}\n{{#a}}\nthree\n{{/a}}\n', ['one\nthree']],
    ['{{#missing}}x{{/missing}}\n', []],
  ])('%j', (template, text) => {
    expect(fillTemplate(template, lookupIn(values))).toEqual(text);
  });
});

test('words are cut where they do not fit, and lists read like a sentence', () => {
  expect([truncate('abcde', 5), truncate('abcdef', 5), truncate('abc😀', 4)]).toEqual(['abcde', 'abcd…', 'abc…']);
  expect([joinList([]), joinList(['a']), joinList(['a', 'b']), joinList(['a', 'b', 'c'])]).toEqual([
    ...['nobody', 'a', 'a and b', 'a, b and c'],
  ]);
  expect([joinFirst(['a', 'b'], 2), joinFirst(['a', 'b', 'c'], 1), joinFirst(['abcdef'], 1, 5)]).toEqual([
    ...['a, b', 'a and 2 more', 'abcd…'],
  ]);
});

test('severities are ordered from the worst', () => {
  expect(SEVERITIES.map((one) => isWorse(one, 'SEV2'))).toEqual([true, false, false, false]);
  expect([worstOf(['SEV3', 'SEV1', 'SEV4']), worstOf([])]).toEqual(['SEV1', null]);
  expect(SEVERITIES.map(isMajor)).toEqual([true, true, false, false]);
});

test('[ALERT-16] nobody forgets a maintenance window for longer than thirty days', () => {
  expect(LONGEST_WINDOW_MS).toBe(Date.UTC(2026, 0, 31) - Date.UTC(2026, 0, 1));
});

test.each(['paged', 'page-failed', 'fallback-paged', 'alerts-fired', 'alert-changed', 'alerts-cleared'] as const)(
  'the chat is not flooded: %s is an entry of the timeline and nothing else',
  (kind) => {
    expect(Object.keys(EVENT_TEXTS[kind])).toEqual(['timeline']);
  },
);
