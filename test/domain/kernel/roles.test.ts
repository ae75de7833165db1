/** Roles: who has it, who is asked for, and who takes command when the commander cannot be reached. */
import { expect, test } from '@jest/globals';
import type { Incident } from '../../../domain/kernel/incident.ts';
import type { PostEntry } from '../../../domain/kernel/outbox.ts';
import { missingRoles } from '../../../domain/kernel/roles.ts';
import {
  SAMPLE_COMMANDS,
  afterEvents,
  firingIncident,
  atMinute,
  afterAlerts,
  decideCommand,
  afterCommand,
} from '../../support/pure-incident.ts';

const taken = (over = {}): Incident => afterCommand(firingIncident(over), { type: 'acknowledge' }, 1);
const lastPost = ({ outbox }: Incident): string => plain(outbox.posts.at(-1));
const plain = (post?: Pick<PostEntry, 'text'>): string =>
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

test('[LIFE-18] [IMPACT-3] the answer to the page asks whether it is real, whom it affects, and for the missing roles', () => {
  const text = lastPost(taken());
  expect(text).toContain('Is it real?');
  expect(text).toContain('Needed: technical (operations) lead, communications lead and scribe.');
  expect(text).toContain('Restore service first');
  expect(lastPost(taken({ severity: 'SEV3' }))).not.toMatch(/Needed|Restore service/);
  expect(text).toContain(
    'Is it affecting all users or a subset? Is it causing data loss or corruption? ' +
      'Answer: `tocsin impact inc-platform-0001 "what users notice" --scope all|subset --data-loss yes|no`',
  );
  const assessed = afterCommand(afterCommand(firingIncident(), SAMPLE_COMMANDS.assessImpact), { type: 'acknowledge' });
  expect(lastPost(assessed)).not.toContain('Is it affecting');
  expect(missingRoles(afterCommand(firingIncident({ test: true }), { type: 'acknowledge' }))).toEqual([]);
});

test('[LIFE-18] a worse severity asks for the roles it brings, a milder one for none', () => {
  const minor = taken({ severity: 'SEV3' });
  expect(lastPost(afterCommand(minor, { type: 'setSeverity', severity: 'SEV1', reason: 'all of it' }))).toContain(
    'Needed: ',
  );
  const major = taken();
  expect(lastPost(afterCommand(major, { type: 'setSeverity', severity: 'SEV3', reason: 'less' }))).not.toContain(
    'Needed',
  );
  expect(lastPost(afterCommand(major, { type: 'setSeverity', severity: 'SEV1', reason: 'more' }))).not.toContain(
    'Needed',
  );
});

test('[LIFE-18] the reminder of an update names the roles that are missing', () => {
  const reminded = afterEvents(taken(), {
    type: 'update-reminded',
    at: atMinute(20),
    audiences: ['internal'],
    dueAt: atMinute(31),
  });
  expect(plain(reminded.outbox.notices.at(-1))).toContain(
    'Needed: technical (operations) lead, communications lead and scribe.',
  );
});

test('[LIFE-19] a decision says what it brings with it', () => {
  const decided = (command: Parameters<typeof afterCommand>[1]): string => lastPost(afterCommand(taken(), command, 5));
  expect(decided({ type: 'decideMitigation', decision: 'rollback' })).toMatch(/check health and data integrity/);
  const ticks = ['minor', 'understood', 'faster'];
  expect(decided({ type: 'decideMitigation', decision: 'fix-forward', ticks })).toMatch(/rollback ready.*standby/);
});

test('[ROLE-1] who is given command is told where it stands', () => {
  const working = [
    { type: 'assessImpact', summary: 'Checkout fails', usersAffected: 12 },
    { type: 'decideMitigation', decision: 'rollback' },
  ] as const;
  const before = working.reduce((incident: Incident, command) => afterCommand(incident, command, 5), taken());
  const handed = afterCommand(before, { type: 'assignRole', role: 'ic', person: 'bo' }, 6);
  expect(handed.roles.ic).toBe('bo');
  const notice = handed.outbox.notices.at(-1);
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
});

test('[ROLE-1] other roles are told in a sentence; a role that somebody has already changes nothing', () => {
  const led = afterCommand(taken(), { type: 'assignRole', role: 'technicalLead', person: 'bo' }, 3);
  expect(plain(led.outbox.notices.at(-1))).toBe('You are technical lead of SEV2 "Checkout fails".\n(Assigned by ana.)');
  expect(decideCommand(led, { type: 'assignRole', role: 'technicalLead', person: 'bo' })).toMatchObject({ events: [] });
});

const back = (incident: Incident): Incident => {
  const cleared = afterAlerts(incident, 10, [{ status: 'resolved' }]).incident;
  return afterAlerts(cleared, 12, [{ startsAt: 2_000 }]).incident;
};

test('[ROLE-2] the IC is called and does not come: whoever answers takes command, and is told where it stands', () => {
  const called = back(taken());
  expect(called.outbox.pages.at(-1)).toMatchObject({ reason: 'recurrence', targets: [{ names: ['ana'] }] });
  const answered = afterCommand(called, { type: 'acknowledge', by: 'bo' }, 14);
  expect(answered.roles.ic).toBe('bo');
  expect(lastPost(answered)).toBe('bo has it and is incident commander.');
  expect(answered.outbox.notices.at(-1)).toMatchObject({ to: ['bo'], about: 'acknowledged' });
});

test('[ROLE-2] the IC comes, or was never called: nobody takes command from them', () => {
  expect(afterCommand(back(taken()), { type: 'acknowledge', by: 'ana' }, 14).roles.ic).toBe('ana');
  expect(afterCommand(taken(), { type: 'acknowledge', by: 'bo' }, 14).roles.ic).toBe('ana');
  const spoke = afterCommand(back(taken()), { type: 'addNote', text: 'here', by: 'ana' }, 13);
  expect(afterCommand(spoke, { type: 'acknowledge', by: 'bo' }, 14).roles.ic).toBe('ana');
});

test('[ROLE-2] also after a silence: the next level answers and has command', () => {
  const silent = afterEvents(
    taken(),
    { type: 'inactivity-nudged', at: atMinute(61) },
    { type: 'inactivity-paged', at: atMinute(71) },
    { type: 'inactivity-escalated', at: atMinute(86) },
  );
  const answered = afterCommand(silent, { type: 'acknowledge', by: 'bo' }, 90);
  expect(answered).toMatchObject({
    roles: { ic: 'bo' },
    escalation: { open: false, inactivity: null, commanderPaged: false },
  });
});
