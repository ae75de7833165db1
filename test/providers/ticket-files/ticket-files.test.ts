/** Tickets as files: every entry once, whole, and with whatever people have added. */
import fc from 'fast-check';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { DeliveryError } from '../../../runtime/failures.ts';
import type { TicketEntry } from '../../../activities/ports.ts';
import { withEntry } from '../../../providers/ticket-files/ticket-document.ts';
import { fileTickets, failureKindOfFileError } from '../../../providers/ticket-files/ticket-files.ts';
import { anIncidentContext, INCIDENT_ID } from '../provider-fixtures.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tocsin-tickets-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const AT = Date.parse('2024-01-15T13:06:07.890Z');
type Over = NonNullable<Parameters<typeof anIncidentContext>[0]>;

function anEntry(n: number, action: TicketEntry['action'] = 'comment', text = `entry ${n}`): TicketEntry {
  return { key: `${INCIDENT_ID}/ticket/${n}`, at: AT, mayBeRepeat: false, action, text };
}

const write = (entry: TicketEntry, over: Over = {}, directory = join(root, 'tickets')): Promise<void> =>
  fileTickets({ directory }).write(entry, anIncidentContext(over), AbortSignal.timeout(5_000));

const fileOf = (name = 'INC-2024-003.yaml'): string => join(root, 'tickets', name);
const textOf = (name?: string): string => readFileSync(fileOf(name), 'utf8');
const ticketOf = (name?: string) => parse(textOf(name)).incident;

test('a new ticket is the template, with what a reader needs', async () => {
  const head = { detectedAt: '2024-01-15T13:01:00.000Z', declaredBy: null, source: 'alertmanager' };
  await write(anEntry(1, 'open', 'INCIDENT DECLARED'), { head });
  const { url, incident_id: incidentId, ...ticket } = ticketOf();
  expect(ticket).toEqual({
    id: 'INC-2024-003',
    severity: 'SEV1',
    title: 'Payment processing down',
    started_at: '2024-01-15T13:01:00Z',
    detected_by: 'monitoring_alert',
    resolved_at: null,
    impact: { users_affected: null, revenue_lost: null, duration_minutes: null },
    timeline: [{ time: '2024-01-15T13:06:07Z', event: 'INCIDENT DECLARED' }],
    action_items: [],
    team: 'platform',
    service: 'payments',
    phase: 'declared',
    commander: null,
    ...{ root_cause: null, resolution: null, source: 'alertmanager' },
    channel: null,
    summary: 'Nobody can pay',
    status: 'open',
  });
  expect([url, incidentId]).toEqual(['https://tocsin.example/incidents/platform-payments-0a1b2c3d', INCIDENT_ID]);
  expect(textOf()).toMatch(/^# Written by Tocsin.*\n\nincident:\n {2}id: INC-2024-003\n {2}severity: SEV1\n/);
});

test('from opening to closing and back: the status, the times and who commands are kept up to date', async () => {
  await write(anEntry(1, 'open'));
  const roles = { ic: 'ana', technicalLead: null, communicationsLead: null, scribe: null };
  const resolved = {
    head: { roles, resolvedAt: '2024-01-15T14:35:00.000Z' },
    incident: { phase: 'resolved' },
  } as const;
  await write(anEntry(2, 'close'), resolved);
  expect(ticketOf()).toMatchObject({
    status: 'closed',
    commander: 'Ana Ruiz',
    resolved_at: '2024-01-15T14:35:00Z',
    phase: 'resolved',
  });
  expect(ticketOf().impact.duration_minutes).toBe(90);
  await write(anEntry(3, 'comment'), resolved);
  expect(ticketOf().status).toBe('closed');
  await write(anEntry(4, 'reopen'));
  expect(ticketOf()).toMatchObject({ status: 'open', resolved_at: null });
  expect(ticketOf().timeline.map(({ event }: { event: string }) => event)).toEqual([
    'entry 1',
    'entry 2',
    'entry 3',
    'entry 4',
  ]);
});

test('the same entry again, also by a call that knows nothing, changes nothing', async () => {
  await write(anEntry(1, 'open'));
  await write(anEntry(2));
  const before = textOf();
  for (const n of [1, 2]) await write({ ...anEntry(n), mayBeRepeat: true });
  expect(textOf()).toBe(before);
  expect(readdirSync(join(root, 'tickets'))).toEqual(['INC-2024-003.yaml']);
});

test('what a person has added stays: comments, fields, impact, action items, words in the timeline', async () => {
  await write(anEntry(1, 'open'));
  const mine = textOf()
    .replace('  severity: SEV1', '  # Eve asked\n  severity: SEV1 # twice\n  vendor_case: 00123456789012345678901')
    .replace('users_affected: null', 'users_affected: 15000 # from billing')
    .replace('revenue_lost: null', 'revenue_lost: $45000')
    .replace('action_items: []', 'action_items:\n    - Add monitoring\n    - { text: Scale, owner: bo }')
    .replace('event: entry 1', 'event: entry 1\n      seen_by: bo');
  writeFileSync(fileOf(), mine);
  await write(anEntry(2, 'close'), { head: { resolvedAt: '2024-01-15T14:05:00Z' }, incident: { severity: 'SEV2' } });
  for (const line of [
    '  # Eve asked\n',
    '  severity: SEV2 # twice\n',
    '  vendor_case: 00123456789012345678901\n',
    'users_affected: 15000 # from billing\n',
    'revenue_lost: $45000\n',
    '    - Add monitoring\n    - { text: Scale, owner: bo }\n',
    '      seen_by: bo\n',
  ])
    expect(textOf()).toContain(line);
  expect(ticketOf().timeline).toHaveLength(2);
});

test('it follows severity, impact, cause and resolution; what the incident does not know is left to people', async () => {
  await write(anEntry(1, 'open'));
  writeFileSync(
    fileOf(),
    textOf()
      .replace('revenue_lost: null', 'revenue_lost: $45000')
      .replace('action_items: []', 'action_items:\n    - Add monitoring'),
  );
  const impact = {
    summary: 'No checkout',
    scope: 'all',
    usersAffected: 15_000,
    dataLoss: false,
    revenueLost: null,
  } as const;
  const item = { id: 'A1', owner: 'bo', due: null, addedBy: 'ana', addedAt: '2024-01-15T13:10:00Z' };
  const actionItems = ['Add monitoring', 'Scale the pool'].map((text) => ({
    ...item,
    text,
    doneAt: null,
    doneBy: null,
  }));
  const cause = { text: 'The pool was too small', at: '2024-01-15T13:09:00Z', by: 'ana' };
  await write(anEntry(2), {
    head: { impact, cause, resolution: 'Restarted', actionItems },
    incident: { severity: 'SEV2' },
  });
  expect(ticketOf()).toMatchObject({
    severity: 'SEV2',
    impact: {
      ...{ users_affected: 15_000, revenue_lost: '$45000', scope: 'all', data_loss: false, description: 'No checkout' },
    },
    root_cause: 'The pool was too small',
    resolution: 'Restarted',
    action_items: ['Add monitoring', 'Scale the pool'],
  });
});

test('words in the place of a field of ours are left there', async () => {
  await write(anEntry(1, 'open'));
  writeFileSync(
    fileOf(),
    textOf()
      .replace(/ {2}impact:\n( {4}.*\n)+/, '  impact: everybody\n')
      .replace(/tocsin:[^]*$/, 'tocsin: no\n'),
  );
  await write(anEntry(2, 'close'), { head: { resolvedAt: '2024-01-15T14:05:00Z' } });
  expect(ticketOf()).toMatchObject({ impact: 'everybody', status: 'closed' });
});

test.each(['incident: [', 'incident: {}', '- a list', '', 'a: 1\n---\nb: 2'])(
  'a file that is no ticket any more (%j) is never overwritten: a person has to mend it',
  async (broken) => {
    await write(anEntry(1, 'open'));
    writeFileSync(fileOf(), broken);
    const err: unknown = await write(anEntry(2)).catch((caught: unknown) => caught);
    expect(err).toBeInstanceOf(DeliveryError);
    expect(err).toMatchObject({ kind: 'misconfigured' });
    expect(textOf()).toBe(broken);
  },
);

test('any text comes back as it was', () => {
  const any = fc.string({ unit: 'binary', maxLength: 200 });
  let file: string | null = null;
  let n = 0;
  const property = fc.property(any, any, (event, title) => {
    n += 1;
    file = withEntry(file, anEntry(n, 'comment', event), anIncidentContext({ incident: { title } }));
    const { incident } = parse(file ?? '');
    expect([incident.title, incident.timeline.at(-1).event]).toEqual([title, event]);
  });
  fc.assert(property, { numRuns: 100 });
});

test('without a number the file has the incident for its name, and keeps it when the number comes', async () => {
  const refs: Record<string, string> = {};
  await write(anEntry(1, 'open'), { incident: { reference: null }, refs });
  await write(anEntry(2), { refs });
  await write(anEntry(3)); // The refs were lost.
  expect(readdirSync(join(root, 'tickets'))).toEqual([`${INCIDENT_ID}.yaml`]);
  expect(ticketOf(`${INCIDENT_ID}.yaml`)).toMatchObject({ id: 'INC-2024-003' });
  expect(refs).toEqual({ ticket: fileOf(`${INCIDENT_ID}.yaml`), 'ticket.file': fileOf(`${INCIDENT_ID}.yaml`) });
});

test("a number that another incident's file has already: that one is not touched", async () => {
  await write(anEntry(1, 'open'), { incident: { id: 'ANOTHER', title: 'Old' } });
  const old = textOf();
  await write(anEntry(1, 'open'));
  expect(textOf()).toBe(old);
  expect(ticketOf(`${INCIDENT_ID}.yaml`).title).toBe('Payment processing down');
});

test('another system has the ticket: the file does not take its place', async () => {
  const refs: Record<string, string> = { ticket: 'https://github.example/1', 'github.issue': '1' };
  await write(anEntry(1, 'open'), { refs });
  expect(refs).toMatchObject({ ticket: 'https://github.example/1', 'ticket.file': fileOf() });
});

test.each(['../../escaped', '/etc/escaped', '..', 'a/../../b'])(
  'no name leads out of the directory: %s',
  async (id) => {
    await write(anEntry(1, 'open'), { incident: { reference: id }, refs: { 'ticket.file': `../${id}` } });
    expect(readdirSync(root)).toEqual(['tickets']);
    expect(readdirSync(dirname(root)).filter((name) => name.includes('escaped'))).toEqual([]);
  },
);

test('a link in the place of the file is not followed', async () => {
  await write(anEntry(1, 'open'), { incident: { id: 'X', reference: 'X' } });
  const outside = join(root, 'outside.yaml');
  writeFileSync(outside, textOf('X.yaml'));
  symlinkSync(outside, fileOf());
  await expect(write(anEntry(1, 'open'))).rejects.toMatchObject({ kind: 'misconfigured' });
  expect(readFileSync(outside, 'utf8')).toBe(textOf('X.yaml'));
});

test('many entries at once: every one is there, and nothing else is left in the directory', async () => {
  const tickets = fileTickets({ directory: join(root, 'tickets') });
  const numbers = Array.from({ length: 20 }, (_, i) => i + 1);
  await Promise.all(numbers.map((n) => tickets.write(anEntry(n), anIncidentContext(), AbortSignal.timeout(10_000))));
  expect(ticketOf().timeline).toHaveLength(20);
  expect(readdirSync(join(root, 'tickets'))).toEqual(['INC-2024-003.yaml']);
});

test('a restricted incident has everything in its file, which only Tocsin may read', async () => {
  await write(anEntry(1, 'open', 'Keys leaked'), { head: { restricted: true } });
  expect(ticketOf().timeline[0].event).toBe('Keys leaked');
  expect(statSync(fileOf()).mode & 0o077).toBe(0);
});

test('a file in the place of the directory: a person has to mend it, and no path is told', async () => {
  writeFileSync(join(root, 'file'), '');
  const err: unknown = await write(anEntry(1), {}, join(root, 'file')).catch((caught: unknown) => caught);
  expect(err).toBeInstanceOf(DeliveryError);
  expect(err).toMatchObject({ kind: 'misconfigured' });
  expect(String(err)).not.toContain(root);
});

test('a full disk may pass; a right has to be given', () => {
  expect(['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE'].map(failureKindOfFileError)).toEqual(Array(4).fill('retryable'));
  expect(['EACCES', 'EPERM', 'EROFS'].map(failureKindOfFileError)).toEqual(Array(3).fill('misconfigured'));
});

test('a call that is called off ends at once', async () => {
  const attempt = fileTickets({ directory: root }).write(anEntry(1), anIncidentContext(), AbortSignal.abort());
  await expect(attempt).rejects.toMatchObject({ name: 'DeliveryError', kind: 'retryable' });
  await new Promise((resolve) => setTimeout(resolve, 100));
});
