/** [REC-1] [REC-2] What waits for the records, message by message, and what is dropped when nobody takes it. */
import { describe, expect, test } from '@jest/globals';
import type { EventOf } from '../../domain/events.ts';
import type { Incident } from '../../domain/incident.ts';
import type { Message } from '../../domain/record.ts';
import { isStakeholderUpdate, placeholdersOf, TEMPLATE_NAMES } from '../../domain/templates.ts';
import { sizeOf, TAIL_BYTES } from '../../domain/unrecorded.ts';
import { aPolicy } from '../support/builders.ts';
import { after, alarmed, at, declared, recorded, told } from '../support/play.ts';

const messages = ({ tail }: Incident): readonly Message[] =>
  tail.flatMap((item) => ('message' in item ? [item.message] : []));
const taken = (templates = TEMPLATE_NAMES): Incident =>
  told({ ...alarmed({ policy: aPolicy({ templates }) }), paged: ['bo'] }, { type: 'acknowledge' }, 2);

describe('a message that waits for the records', () => {
  test('is there with its kind, whom it was for, and the words of the house', () => {
    const open = after(taken(), { type: 'public-begun', at: at(3), why: 'acknowledged' });
    expect(messages(open).map(({ kind, about, to, template }) => [kind, about, to, template])).toEqual([
      ['chat', 'declared', [], 'declared'],
      ['chat', 'acknowledged', [], 'acknowledged'],
      ['notice', 'acknowledged', ['bo'], 'acknowledgedNotice'],
      ['public', 'Investigating', [], 'publicInvestigating'],
    ]);
    for (const { fields } of messages(open)) expect(fields).toMatchObject({ component: 'Checkout' });
    const own = messages(taken([])).at(-1);
    expect(own).toMatchObject({ kind: 'notice', at: at(2), text: [{ person: 'ana' }, ' has it.'] });
    for (const absent of ['template', 'fields', 'draft']) expect(own).not.toHaveProperty(absent);
  });

  test('is there once, and goes with the revision that the records have', () => {
    const incident = taken();
    const next = told(incident, { type: 'addNote', text: 'x' }, 3);
    expect(messages(next)).toEqual(messages(incident));
    expect(after(next, recorded(incident.revision)).tail).toMatchObject([{ line: { text: 'x' } }]);
    expect(after(next, { ...recorded(0), recorded: null } as EventOf<'notification-accepted'>).tail).toEqual(next.tail);
  });

  test('a draft for the outside is kept with it', () => {
    const stakeholders = [
      { name: 'customers', audience: 'external', severities: ['SEV2'], restricted: false },
    ] as const;
    const incident = told(declared({ policy: aPolicy({ stakeholders }) }), { type: 'acknowledge' }, 2);
    const open = after(incident, { type: 'public-begun', at: at(3), why: 'acknowledged' });
    expect(messages(open).at(-1)).toMatchObject({ kind: 'notice', draft: { template: 'externalMail' } });
  });

  test('a stakeholder update of which nobody knows is none', () => {
    const out = {
      ...recorded(0),
      recorded: null,
      stakeholderUpdates: [{ n: 99, text: 'x' }],
    } as EventOf<'notification-accepted'>;
    expect(messages(after(alarmed(), out))).toEqual(messages(alarmed()));
  });
});

describe('[REC-2] the tail', () => {
  const note = (n: number) =>
    ({ type: 'note-added', at: at(1), by: 'ana', text: `${n} ${'x'.repeat(1_990)}` }) as const;
  const full = Array.from({ length: 120 }, (_, n) => n).reduce((soFar, n) => after(soFar, note(n)), declared());
  const bytes = ({ tail }: Incident): number => tail.reduce((sum, item) => sum + sizeOf(item), 0);
  const first = ({ tail }: Incident): number => tail[0]?.revision ?? 0;

  test('is cut at half a megabyte: the oldest goes, and no more of it than must', () => {
    expect(TAIL_BYTES).toBe(512 * 1024);
    expect(bytes(full)).toBeLessThanOrEqual(TAIL_BYTES);
    const [dropped] = [first(full) - 1];
    expect(dropped).toBeGreaterThan(20);
    expect(bytes(full) + 3 * 1_990).toBeGreaterThan(TAIL_BYTES);
    expect(full.tail.at(-1)).toMatchObject({ line: { text: note(119).text } });
    expect(full.tail.map(({ revision }) => revision)).toEqual(full.tail.map((_, i) => first(full) + i));
  });

  test('counts the words of a message, whoever wrote them', () => {
    const message = (over: object): number =>
      sizeOf({ revision: 1, message: { n: 1, at: 1, kind: 'chat', about: 'x', to: [], text: [], ...over } });
    const long = 'x'.repeat(1_000);
    expect(message({ text: [long] })).toBeGreaterThan(3_000);
    expect(message({ fields: { summary: long } })).toBeGreaterThan(3_000);
    expect(message({ draft: { template: 'externalMail', fields: { text: long } } })).toBeGreaterThan(3_000);
    expect(message({ text: [{ at: 1 }, { person: 'ana' }] })).toBeGreaterThan(message({}));
    expect(Number.isFinite(message({ text: [{ at: 1 }] }))).toBe(true);
  });
});

test('[COMM-19] every template may say what its message brings', () => {
  expect(placeholdersOf('postmortem')).toEqual(expect.arrayContaining(['default', 'timeline', 'actionItems', 'tried']));
  expect(placeholdersOf('internalMailResolved')).toEqual(expect.arrayContaining(['by', 'resolution', 'title']));
  expect(placeholdersOf('externalMailUpdate')).toContain('text');
  expect(placeholdersOf('acknowledgedNotice')).toEqual(expect.arrayContaining(['default', 'by', 'severity']));
  expect(TEMPLATE_NAMES.filter(isStakeholderUpdate)).toEqual([
    ...['internalMail', 'internalMailUpdate', 'internalMailResolved'],
    ...['externalMail', 'externalMailUpdate', 'externalMailResolved'],
  ]);
});
