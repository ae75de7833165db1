/** [REC-1] [REC-2] What waits for the records, message by message, and what is dropped when nobody takes it. */
import { describe, expect, test } from '@jest/globals';
import type { EventOf } from '../../../domain/kernel/events.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import type { OutboundMessage } from '../../../domain/kernel/projection.ts';
import { sizeOf, PENDING_PROJECTION_BYTES } from '../../../domain/engine/projection.ts';
import { isStakeholderUpdate, placeholdersOf, templateNames } from '../../../domain/communications/templates.ts';
import { aPolicy } from '../../support/builders.ts';
import {
  afterEvents,
  firingIncident,
  atMinute,
  declaredIncident,
  recordedUpTo,
  afterCommand,
} from '../../support/pure-incident.ts';

const messages = ({ projection }: Incident): readonly OutboundMessage[] =>
  projection.pending.flatMap((item) => ('message' in item ? [item.message] : []));
const taken = (templates = templateNames()): Incident =>
  afterCommand(
    {
      ...firingIncident({ policy: aPolicy({ templates }) }),
      escalation: { ...firingIncident({ policy: aPolicy({ templates }) }).escalation, paged: ['bo'] },
    },
    { type: 'acknowledge' },
    2,
  );

describe('a message that waits for the records', () => {
  test('is there with its kind, whom it was for, and the words of the house', () => {
    const open = afterEvents(taken(), {
      type: 'public-communication-started',
      at: atMinute(3),
      reason: 'acknowledged',
    });
    expect(messages(open).map(({ kind, about, to, template }) => [kind, about, to, template])).toEqual([
      ['chat', 'declared', [], 'declared'],
      ['chat', 'acknowledged', [], 'acknowledged'],
      ['notice', 'acknowledged', ['bo'], 'acknowledgedNotice'],
      ['public', 'Investigating', [], 'publicInvestigating'],
    ]);
    for (const { textValues } of messages(open)) expect(textValues).toMatchObject({ component: 'Checkout' });
    const own = messages(taken([])).at(-1);
    expect(own).toMatchObject({ kind: 'notice', at: atMinute(2), text: [{ person: 'ana' }, ' has it.'] });
    for (const absent of ['template', 'fields', 'draft']) expect(own).not.toHaveProperty(absent);
  });

  test('is there once, and goes with the revision that the records have', () => {
    const incident = taken();
    const next = afterCommand(incident, { type: 'addNote', text: 'x' }, 3);
    expect(messages(next)).toEqual(messages(incident));
    expect(afterEvents(next, recordedUpTo(incident.stateVersion)).projection.pending).toMatchObject([
      { entry: { text: 'x' } },
    ]);
    expect(
      afterEvents(next, { ...recordedUpTo(0), projectedVersion: null } as EventOf<'notification-accepted'>).projection
        .pending,
    ).toEqual(next.projection.pending);
  });

  test('a draft for the outside is kept with it', () => {
    const stakeholders = [
      { name: 'customers', audience: 'external', severities: ['SEV2'], restricted: false },
    ] as const;
    const incident = afterCommand(declaredIncident({ policy: aPolicy({ stakeholders }) }), { type: 'acknowledge' }, 2);
    const open = afterEvents(incident, {
      type: 'public-communication-started',
      at: atMinute(3),
      reason: 'acknowledged',
    });
    expect(messages(open).at(-1)).toMatchObject({ kind: 'notice', draft: { template: 'externalMail' } });
  });

  test('a stakeholder update of which nobody knows is none', () => {
    const out = {
      ...recordedUpTo(0),
      projectedVersion: null,
      stakeholderUpdates: [{ n: 99, text: 'x' }],
    } as EventOf<'notification-accepted'>;
    expect(messages(afterEvents(firingIncident(), out))).toEqual(messages(firingIncident()));
  });
});

describe('[REC-2] the tail', () => {
  const note = (n: number) =>
    ({ type: 'note-added', at: atMinute(1), by: 'ana', text: `${n} ${'x'.repeat(1_990)}` }) as const;
  const full = Array.from({ length: 120 }, (_, n) => n).reduce(
    (soFar, n) => afterEvents(soFar, note(n)),
    declaredIncident(),
  );
  const bytes = ({ projection }: Incident): number => projection.pending.reduce((sum, item) => sum + sizeOf(item), 0);
  const first = ({ projection }: Incident): number => projection.pending[0]?.stateVersion ?? 0;

  test('is cut at half a megabyte: the oldest goes, and no more of it than must', () => {
    expect(PENDING_PROJECTION_BYTES).toBe(512 * 1024);
    expect(bytes(full)).toBeLessThanOrEqual(PENDING_PROJECTION_BYTES);
    const [dropped] = [first(full) - 1];
    expect(dropped).toBeGreaterThan(20);
    expect(bytes(full) + 3 * 1_990).toBeGreaterThan(PENDING_PROJECTION_BYTES);
    expect(full.projection.pending.at(-1)).toMatchObject({ entry: { text: note(119).text } });
    expect(full.projection.pending.map(({ stateVersion }) => stateVersion)).toEqual(
      full.projection.pending.map((_, i) => first(full) + i),
    );
  });

  test('counts the words of a message, whoever wrote them', () => {
    const message = (over: object): number =>
      sizeOf({ stateVersion: 1, message: { n: 1, at: 1, kind: 'chat', about: 'x', to: [], text: [], ...over } });
    const long = 'x'.repeat(1_000);
    expect(message({ text: [long] })).toBeGreaterThan(3_000);
    expect(message({ textValues: { summary: long } })).toBeGreaterThan(3_000);
    expect(message({ draft: { template: 'externalMail', textValues: { text: long } } })).toBeGreaterThan(3_000);
    expect(message({ text: [{ at: 1 }, { person: 'ana' }] })).toBeGreaterThan(message({}));
    expect(Number.isFinite(message({ text: [{ at: 1 }] }))).toBe(true);
  });
});

test('[COMM-19] every template may say what its message brings', () => {
  expect(placeholdersOf('postmortem')).toEqual(expect.arrayContaining(['default', 'timeline', 'actionItems', 'tried']));
  expect(placeholdersOf('internalMailResolved')).toEqual(expect.arrayContaining(['by', 'resolution', 'title']));
  expect(placeholdersOf('externalMailUpdate')).toContain('text');
  expect(placeholdersOf('acknowledgedNotice')).toEqual(expect.arrayContaining(['default', 'by', 'severity']));
  expect(templateNames().filter(isStakeholderUpdate)).toEqual([
    ...['internalMail', 'internalMailUpdate', 'internalMailResolved'],
    ...['externalMail', 'externalMailUpdate', 'externalMailResolved'],
  ]);
});
