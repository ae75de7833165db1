/** Who is written to, when, and by which template; what is drafted, and for whom. */
import { describe, expect, test } from '@jest/globals';
import type { IncidentEvent } from '../../../domain/kernel/events.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import type { StakeholderUpdateEntry, NoticeEntry } from '../../../domain/kernel/outbox.ts';
import type { PolicyStakeholder } from '../../../domain/kernel/policy.ts';
import { afterEvents, atMinute, declaredIncident, afterCommand } from '../../support/pure-incident.ts';
import { aPolicy } from '../../support/builders.ts';

const one = (name: string, over: Partial<PolicyStakeholder> = {}): PolicyStakeholder => ({
  ...{ name, audience: 'internal', severities: ['SEV1', 'SEV2'], restricted: false },
  ...over,
});
const SUPPORT = one('support');
const BOARD = one('board', { severities: ['SEV1'] });
const COUNSEL = one('counsel', { restricted: true });
const CUSTOMERS = one('customers', { audience: 'external' });

const policy = aPolicy({ stakeholders: [SUPPORT, BOARD, COUNSEL, CUSTOMERS] });
const aSev = (severity: Declaration['severity'], over: Partial<Declaration> = {}): Incident =>
  declaredIncident({ severity, policy, ...over });

const stakeholderUpdates = ({ outbox }: Incident): readonly StakeholderUpdateEntry[] => outbox.stakeholderUpdates ?? [];
/** Each stakeholder update: its template, and whom it goes to. */
const shown = (incident: Incident): readonly string[] =>
  stakeholderUpdates(incident).map(({ template, to }) => `${template} → ${to.join(', ')}`);
/** Those that `events` add. */
const added = (incident: Incident, ...events: readonly IncidentEvent[]): readonly string[] =>
  shown(afterEvents(incident, ...events)).slice(stakeholderUpdates(incident).length);
const drafts = ({ outbox }: Incident): readonly NoticeEntry[] => outbox.notices.filter(({ draft }) => draft);

const SAID = { type: 'update-posted', at: atMinute(9), by: 'ana', text: 'We are on it.', status: null } as const;
const RESOLVED = { type: 'resolved', at: atMinute(40) } as const;
const BEGUN = { type: 'public-communication-started', at: atMinute(5), reason: 'SEV1 acknowledged' } as const;

describe('[COMM-18] our own people', () => {
  test('hear of a SEV1 or SEV2 when it is declared, and of nothing milder', () => {
    expect(shown(aSev('SEV1'))).toEqual(['internalMail → support, board, counsel']);
    expect(shown(aSev('SEV2'))).toEqual(['internalMail → support, counsel']);
    expect(shown(aSev('SEV3'))).toEqual([]);
  });

  test('raised: who is now concerned gets the whole story, the others the change; lowered, all still hear the end', () => {
    const raise = {
      type: 'severity-changed',
      at: atMinute(3),
      by: 'ana',
      from: 'SEV2',
      to: 'SEV1',
      reason: 'all',
    } as const;
    const lower = { ...raise, from: 'SEV1', to: 'SEV3', at: atMinute(4) } as const;
    const sev2 = aSev('SEV2');
    expect(added(sev2, raise)).toEqual(['internalMail → board', 'internalMailUpdate → support, counsel']);
    const lowered = afterEvents(sev2, raise, lower);
    expect(added(lowered, RESOLVED)).toEqual(['internalMailResolved → support, board, counsel']);
    expect(stakeholderUpdates(lowered).at(-1)?.textValues['text']).toEqual(['Severity SEV1 → SEV3: all']);
  });

  test('hear each update of a person, internal or public, and not the holding updates', () => {
    const sev2 = aSev('SEV2');
    expect(added(sev2, { ...SAID, audience: 'internal' })).toEqual(['internalMailUpdate → support, counsel']);
    expect(added(sev2, { ...SAID, audience: 'public' })).toContain('internalMailUpdate → support, counsel');
    expect(
      added(sev2, { type: 'update-missed', at: atMinute(30), dueAt: atMinute(30), audiences: ['internal'] }),
    ).toEqual([]);
  });

  test('hear of a false alarm, and that an incident they were told is over is not', () => {
    const sev2 = aSev('SEV2');
    expect(added(sev2, { type: 'false-alarm-declared', at: atMinute(2), by: 'ana', reason: 'a test load' })).toEqual([
      'internalMailResolved → support, counsel',
    ]);
    const reopened = { type: 'reopened', at: atMinute(50), by: 'ana', reason: 'not fixed' } as const;
    expect(added(afterEvents(sev2, RESOLVED), reopened)).toEqual(['internalMailUpdate → support, counsel']);
  });

  test('hear of a restricted incident only where the configuration says so', () => {
    const restricted = aSev('SEV1', { restricted: true });
    expect(shown(restricted)).toEqual(['internalMail → counsel']);
    expect(added(restricted, { ...SAID, audience: 'internal' })).toEqual(['internalMailUpdate → counsel']);
  });

  test('hear nothing of tests; without stakeholders nothing is written, and nothing is drafted', () => {
    const untold = afterEvents(
      declaredIncident({ severity: 'SEV1' }),
      BEGUN,
      { ...SAID, audience: 'public' },
      RESOLVED,
    );
    expect(shown(aSev('SEV1', { test: true }))).toEqual([]);
    expect(untold.outbox.stakeholderUpdates).toBeUndefined();
    expect(drafts(untold)).toEqual([]);
  });
});

describe('[COMM-18] the outside', () => {
  const acknowledged = afterCommand(aSev('SEV1'), { type: 'acknowledge' });

  test('is written to by nobody but a person: the first public entry makes a draft for who speaks', () => {
    const begun = afterEvents(acknowledged, BEGUN);
    expect(shown(begun).join()).not.toContain('customers');
    expect(drafts(begun)).toMatchObject([{ to: ['ana'], draft: { template: 'externalMail' } }]);
    const lead = afterCommand(acknowledged, { type: 'assignRole', role: 'communicationsLead', person: 'bo' });
    expect(drafts(afterEvents(lead, BEGUN))).toMatchObject([{ to: ['bo'] }]);
  });

  test('public before anybody had it: whoever takes it gets the draft', () => {
    const begun = afterEvents(aSev('SEV1'), BEGUN);
    expect(drafts(begun)).toEqual([]);
    expect(drafts(afterCommand(begun, { type: 'acknowledge' }))).toMatchObject([{ to: ['ana'] }]);
  });

  test('hears a person’s public words, and then the next ones; the end is drafted, never sent', () => {
    const first = afterEvents(acknowledged, BEGUN, { ...SAID, audience: 'public' });
    expect(shown(first)).toContain('externalMail → customers');
    expect(added(first, { ...SAID, audience: 'public' })).toContain('externalMailUpdate → customers');
    expect(added(first, { ...SAID, audience: 'public', status: 'Resolved' })).toContain(
      'externalMailResolved → customers',
    );
    expect(added(first, { ...SAID, audience: 'internal' }).join()).not.toContain('customers');
    const over = afterEvents(first, RESOLVED);
    expect(added(first, RESOLVED).join()).not.toContain('customers');
    expect(drafts(over).at(-1)).toMatchObject({ to: ['ana'], draft: { template: 'externalMailResolved' } });
  });

  test('never hears of restricted incidents, and gets no closing draft where it was never told', () => {
    const restricted = afterCommand(aSev('SEV1', { restricted: true }), { type: 'acknowledge' });
    expect(drafts(afterEvents(restricted, BEGUN, RESOLVED))).toEqual([]);
    expect(shown(afterEvents(restricted, { ...SAID, audience: 'public' })).join()).not.toContain('customers');
    expect(drafts(afterEvents(acknowledged, RESOLVED))).toEqual([]);
  });

  test('is told nothing that an alert or a responder wrote: component, words, state and times, by name', () => {
    const title = 'db-7.internal is on fire';
    const secret = { title, summary: 'password leaked', service: 'payments-eu-1' };
    const first = afterEvents(aSev('SEV1', secret), { ...SAID, audience: 'public' });
    const { textValues } = stakeholderUpdates(first).find(
      ({ template }) => template === 'externalMail',
    ) as StakeholderUpdateEntry;
    expect(Object.keys(textValues).sort()).toEqual(
      [
        ...['component', 'affected', 'nextUpdate', 'publicImpact'],
        ...['startedAt', 'state', 'text', 'time', 'updateEvery'],
      ].sort(),
    );
    expect(JSON.stringify(textValues)).not.toMatch(/db-7|password|payments-eu-1|platform/);
  });
});

test('[COMM-18] a stakeholder update that is out is in the record in its own words, and no longer owed', () => {
  const sev2 = aSev('SEV2');
  const n = stakeholderUpdates(sev2)[0]?.n ?? 0;
  const out = {
    acceptedEntries: [n],
    deliveries: [],
    refs: {},
    projectedVersion: null,
    assignedReference: null,
  } as const;
  const done = afterEvents(sev2, {
    type: 'notification-accepted',
    at: atMinute(1),
    ...out,
    stakeholderUpdates: [{ n, text: 'Subject: x\n\ny' }],
  });
  expect(stakeholderUpdates(done)).toEqual([]);
  expect(done.projection.pending.at(-1)).toMatchObject({
    message: { kind: 'stakeholder-update', about: 'declared', to: ['support', 'counsel'], text: ['Subject: x\n\ny'] },
  });
});

test('[COMM-18] stakeholder updates are numbered with all else that is owed, one after the other, and each waits until it is out', () => {
  const raise = {
    type: 'severity-changed',
    at: atMinute(3),
    by: 'ana',
    from: 'SEV2',
    to: 'SEV1',
    reason: 'all',
  } as const;
  const raised = afterEvents(aSev('SEV2'), raise);
  expect(stakeholderUpdates(raised).map(({ at: when, about }) => [when, about])).toEqual([
    [atMinute(0), 'declared'],
    [atMinute(3), 'severity-changed'],
    [atMinute(3), 'severity-changed'],
  ]);
  const { posts, pages, tickets, notices, lastNumber } = raised.outbox;
  const numbers = [stakeholderUpdates(raised), posts, pages, tickets, notices].flat().map(({ n }) => n);
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: lastNumber }, (_, n) => n + 1));
  expect(raised.communications.updatedStakeholders).toEqual(['support', 'counsel', 'board']);
});

test('[COMM-18] a stakeholder update says what the incident is, and what changed', () => {
  const [declared_] = stakeholderUpdates(aSev('SEV1'));
  expect(declared_?.textValues).toMatchObject({ title: 'Checkout fails', severity: 'SEV1' });
  const raise = {
    type: 'severity-changed',
    at: atMinute(3),
    by: 'ana',
    from: 'SEV2',
    to: 'SEV1',
    reason: 'all',
  } as const;
  expect(stakeholderUpdates(afterEvents(aSev('SEV2'), raise)).at(-1)?.textValues).toMatchObject({
    ...{ title: 'Checkout fails', severity: 'SEV1', text: ['Severity SEV2 → SEV1: all'] },
  });
});

test('[COMM-18] who was never told that it is over is not told that it goes on', () => {
  const watched = afterCommand(
    afterCommand(aSev('SEV2'), { type: 'acknowledge' }),
    { type: 'resolve', resolution: 'done' },
    5,
  );
  const reopened = { type: 'reopened', at: atMinute(50), by: 'ana', reason: 'not fixed' } as const;
  expect(watched.phase).toBe('monitoring');
  expect(added(watched, reopened)).toEqual([]);
  expect(stakeholderUpdates(afterEvents(aSev('SEV2'), RESOLVED, reopened)).at(-1)?.textValues['text']).toEqual([
    'The incident is not over: not fixed',
  ]);
});

test('[COMM-18] an update of a person for the public is what the outside reads, at each severity it reached', () => {
  const lowered = afterCommand(aSev('SEV1'), { type: 'setSeverity', severity: 'SEV3', reason: 'milder' }, 2);
  expect(added(lowered, { ...SAID, audience: 'public' })).toContain('externalMail → customers');
  expect(added(aSev('SEV3'), { ...SAID, audience: 'public' })).toEqual([]);
  // Our own people follow what it is now.
  const unwritten = { ...lowered, communications: { ...lowered.communications, updatedStakeholders: [] } };
  expect(added(unwritten, { ...raisedTo('SEV3') })).toEqual([]);
});
test('[COMM-18] the last update, once it is resolved, tells the outside that it is over', () => {
  const told = afterEvents(aSev('SEV1'), { ...SAID, audience: 'public' });
  expect(added(afterEvents(told, RESOLVED), { ...SAID, audience: 'public' })).toContain(
    'externalMailResolved → customers',
  );
});
const raisedTo = (to: 'SEV3'): IncidentEvent => ({
  ...{ type: 'severity-changed', at: atMinute(9), by: 'ana', from: 'SEV3', to, reason: 'x' },
});

describe('[COMM-18] a draft for whoever speaks', () => {
  const public_ = (over: Partial<Declaration> = {}): Incident =>
    afterEvents(afterCommand(aSev('SEV1', over), { type: 'acknowledge' }), BEGUN);
  const written = (over: Partial<Declaration> = {}): Incident =>
    afterEvents(public_(over), { ...SAID, audience: 'public' });
  const draft = (incident: Incident, ...events: readonly IncidentEvent[]) => {
    const found = drafts(afterEvents(incident, ...events)).slice(drafts(incident).length);
    return found.map((notice) => [notice.text[0], notice.draft?.textValues['text']]);
  };
  const WATCHED = { type: 'monitoring-started', at: atMinute(20), by: 'ana', resolution: 'x' } as const;
  const NEXT =
    'To post on the status page and mail customers: `tocsin update inc-platform-0001 --public --text "…"`. Draft:';
  const LAST =
    'Only people write to the outside: please tell customers that it is over, ' +
    'by `tocsin update inc-platform-0001 --status Resolved --text "…"`. Draft:';
  const FALSE_ALARM =
    'Only people write to the outside, and this incident is closed: please write to customers yourself. Draft:';

  test('has words of its own for the fix, the end, and a false alarm; the first has none: nothing is known yet', () => {
    expect(drafts(public_()).map(({ text, draft: of }) => [text[0], of?.textValues['text']])).toEqual([
      [`No mail has gone to customers yet. ${NEXT}`, undefined],
    ]);
    expect(draft(written(), WATCHED)).toEqual([[NEXT, ['A fix for Checkout is in place. We are monitoring it.']]]);
    expect(draft(written(), RESOLVED)).toEqual([[LAST, ['The problem with Checkout is resolved.']]]);
    const falseAlarm = { type: 'false-alarm-declared', at: atMinute(9), by: 'ana', reason: 'a load test' } as const;
    expect(draft(written(), falseAlarm)).toEqual([
      [FALSE_ALARM, ['This was a false alarm: there was no problem with Checkout.']],
    ]);
  });
  test('names our services where no component is public, and says what the page says', () => {
    expect(draft(written({ component: null }), RESOLVED)[0]?.[1]).toEqual([
      'The problem with our services is resolved.',
    ]);
    const [last] = drafts(afterEvents(written(), RESOLVED)).slice(-1);
    expect(Object.keys(last?.draft?.textValues ?? {})).toEqual(expect.arrayContaining(['component', 'state', 'text']));
  });
  test('of the first entry names everybody who may be written to, also whom a stakeholder update has reached', () => {
    const more = aPolicy({ stakeholders: [CUSTOMERS, one('partners', { audience: 'external' })] });
    const known: Incident = {
      ...afterCommand(aSev('SEV1', { policy: more }), { type: 'acknowledge' }),
      communications: {
        ...afterCommand(aSev('SEV1', { policy: more }), { type: 'acknowledge' }).communications,
        updatedStakeholders: ['partners'],
      },
    };
    expect(draft(known, BEGUN)[0]?.[0]).toMatch(/^To post on the status page and mail partners and customers: /);
  });
  test('goes to nobody while nobody speaks, and never for what stays inside', () => {
    expect(drafts(afterEvents(aSev('SEV1'), BEGUN))).toEqual([]);
    expect(draft(afterCommand(aSev('SEV1', { restricted: true }), { type: 'acknowledge' }), BEGUN, RESOLVED)).toEqual(
      [],
    );
    const again = { type: 'acknowledged', at: atMinute(30), by: 'bo' } as const;
    expect(draft(public_(), again)).toEqual([]);
    expect(draft(afterCommand(aSev('SEV1'), { type: 'acknowledge' }), RESOLVED)).toEqual([]);
  });
});
