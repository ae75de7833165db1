/** Roles: who has it, who is asked for, and who takes command when the commander cannot be reached. */
import { expect, test } from '@jest/globals';
import type { Incident } from '../../domain/incident.ts';
import type { PostOrder } from '../../domain/orders.ts';
import { handOverText, missingRoles, wantedText } from '../../domain/roles.ts';
import { after, alarmed, at, heard, judged, told } from '../support/play.ts';

const taken = (over = {}): Incident => told(alarmed(over), { type: 'acknowledge' }, 1);
const lastPost = ({ orders }: Incident): string => plain(orders.posts.at(-1));
const plain = (post?: Pick<PostOrder, 'text'>): string =>
  (post?.text ?? [])
    .map((part) => (typeof part === 'string' ? part : 'person' in part ? part.person : 'TIME'))
    .join('');

test.each([
  ['SEV1', ['technicalLead', 'communicationsLead', 'scribe']],
  ['SEV2', ['technicalLead', 'communicationsLead', 'scribe']],
  ['SEV3', []],
  ['SEV4', []],
] as const)('[LIFE-18] a %s asks for the roles that nobody has', (severity, missing) => {
  expect(missingRoles(taken({ severity }))).toEqual(missing);
});

test('[LIFE-18] the answer to the page asks whether it is real, and for the missing roles', () => {
  const text = lastPost(taken());
  expect(text).toContain('Is it real?');
  expect(text).toContain('Wanted: technical lead, communications lead and scribe.');
  expect(text).toContain('Restore service first');
  expect(lastPost(taken({ severity: 'SEV3' }))).not.toMatch(/Wanted|Restore service/);
  expect(missingRoles(told(alarmed({ test: true }), { type: 'acknowledge' }))).toEqual([]);
});

test('[LIFE-18] a worse severity asks for the roles it brings, a milder one for none', () => {
  const minor = taken({ severity: 'SEV3' });
  expect(lastPost(told(minor, { type: 'setSeverity', severity: 'SEV1', reason: 'all of it' }))).toContain('Wanted: ');
  const major = taken();
  expect(lastPost(told(major, { type: 'setSeverity', severity: 'SEV3', reason: 'less' }))).not.toContain('Wanted');
  expect(lastPost(told(major, { type: 'setSeverity', severity: 'SEV1', reason: 'more' }))).not.toContain('Wanted');
});

test('[LIFE-18] the reminder of an update names the roles that are missing', () => {
  const reminded = after(taken(), { type: 'update-reminded', at: at(20), audiences: ['internal'], dueAt: at(31) });
  expect(plain(reminded.orders.notices.at(-1))).toContain(wantedText(reminded));
});

test('[LIFE-19] a decision says what it brings with it', () => {
  const decided = (command: Parameters<typeof told>[1]): string => lastPost(told(taken(), command, 5));
  expect(decided({ type: 'decideMitigation', decision: 'rollback' })).toMatch(/check health and the integrity of data/);
  const ticks = ['minor', 'understood', 'faster'];
  expect(decided({ type: 'decideMitigation', decision: 'fix-forward', ticks })).toMatch(/rollback ready.*standby/);
});

test('[ROLE-1] who is given command is told where it stands', () => {
  const working = [
    { type: 'assessImpact', summary: 'Checkout fails', usersAffected: 12 },
    { type: 'decideMitigation', decision: 'rollback' },
  ] as const;
  const before = working.reduce((incident: Incident, command) => told(incident, command, 5), taken());
  const handed = told(before, { type: 'assignRole', role: 'ic', person: 'bo' }, 6);
  expect(handed.roles.ic).toBe('bo');
  const notice = handed.orders.notices.at(-1);
  expect(notice).toMatchObject({ to: ['bo'], about: 'role-assigned' });
  const text = plain(notice);
  for (const part of [
    'incident commander of SEV2 "Checkout fails", mitigating',
    '12 users',
    'rollback',
    'CheckoutFails',
  ])
    expect(text).toContain(part);
  expect(text).toContain('by ana');
  expect(handOverText(handed).length).toBeGreaterThan(5);
});

test('[ROLE-1] other roles are told in a sentence; a role that somebody has already changes nothing', () => {
  const led = told(taken(), { type: 'assignRole', role: 'technicalLead', person: 'bo' }, 3);
  expect(plain(led.orders.notices.at(-1))).toBe(
    'You are technical lead of SEV2 "Checkout fails".\n(Given to you by ana.)',
  );
  expect(judged(led, { type: 'assignRole', role: 'technicalLead', person: 'bo' })).toMatchObject({ events: [] });
});

const back = (incident: Incident): Incident => {
  const cleared = heard(incident, 10, [{ status: 'resolved' }]).incident;
  return heard(cleared, 12, [{ startsAt: 2_000 }]).incident;
};

test('[ROLE-2] the IC is called and does not come: whoever answers takes command, and is told where it stands', () => {
  const called = back(taken());
  expect(called.orders.pages.at(-1)).toMatchObject({ reason: 'recurrence', targets: [{ names: ['ana'] }] });
  const answered = told(called, { type: 'acknowledge', by: 'bo' }, 14);
  expect(answered.roles.ic).toBe('bo');
  expect(lastPost(answered)).toBe('bo has it and takes command.');
  expect(answered.orders.notices.at(-1)).toMatchObject({ to: ['bo'], about: 'acknowledged' });
});

test('[ROLE-2] the IC comes, or was never called: nobody takes command from them', () => {
  expect(told(back(taken()), { type: 'acknowledge', by: 'ana' }, 14).roles.ic).toBe('ana');
  expect(told(taken(), { type: 'acknowledge', by: 'bo' }, 14).roles.ic).toBe('ana');
  const spoke = told(back(taken()), { type: 'addNote', text: 'here', by: 'ana' }, 13);
  expect(told(spoke, { type: 'acknowledge', by: 'bo' }, 14).roles.ic).toBe('ana');
});

test('[ROLE-2] also after a silence: the next level answers and has command', () => {
  const silent = after(
    taken(),
    { type: 'inactivity-nudged', at: at(61) },
    { type: 'inactivity-paged', at: at(71) },
    { type: 'inactivity-escalated', at: at(86) },
  );
  const answered = told(silent, { type: 'acknowledge', by: 'bo' }, 90);
  expect(answered).toMatchObject({
    roles: { ic: 'bo' },
    inactivity: null,
    chain: { open: false },
    commanderCalled: false,
  });
});
