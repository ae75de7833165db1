/** What the terminal of `tocsin up` shows of incidents: each line once, in time order, and what is due next. */
import type { ProjectionBatch } from '../../domain/engine/projection.ts';
import { printTimelineOn } from '../../embedded/banner.ts';
import type { Records } from '../../records/records.ts';

const AT = Date.parse('2026-12-01T00:15:00Z');

function batch(some: Partial<ProjectionBatch>, due: string | null = null): ProjectionBatch {
  const deadlines = due === null ? [] : [{ kind: 'escalation', at: '2026-12-01T00:20:00.000Z', text: due }];
  const head = { title: 'Checkout is down', deadlines } as unknown as ProjectionBatch['projection'];
  const whole = {
    workflowId: 'inc-a',
    incidentId: 'E1',
    stateVersion: 1,
    projection: head,
    entries: [],
    deliveries: [],
    messages: [],
    alerts: [],
  };
  return { ...whole, ...some };
}

const line = (seq: number, text: string) => ({ seq, at: AT, kind: 'paged', by: null, text }) as never;

function terminal(project: Records['project']) {
  const printed: string[] = [];
  const records = printTimelineOn(
    (text) => void printed.push(text),
    { project } as Records,
    () => ({ timeZone: 'Europe/Berlin' }),
  );
  return { printed, records };
}

test('lines are shown in the zone of the organization, by title until there is a number', async () => {
  const { printed, records } = terminal(async () => ({ reference: 'INC-2026-001', recurrenceOf: null }));
  await records.project(batch({ entries: [line(1, 'Declared')] }, 'level 2 is paged'));
  await records.project(batch({ entries: [line(2, 'Ana has it')] }));
  expect(printed).toEqual([
    '01:15:00  "Checkout is down"  Declared\n          next: level 2 is paged at 01:20:00\n',
    '01:15:00  INC-2026-001  Ana has it\n',
  ]);
});

test('while the records are away the lines are shown all the same, and only once', async () => {
  const { printed, records } = terminal(() => Promise.reject(new Error('away')));
  const same = batch({ entries: [line(1, 'Declared')] }, 'level 2 is paged');
  await expect(records.project(same)).rejects.toThrow('away');
  await expect(records.project(same)).rejects.toThrow('away');
  expect(printed).toHaveLength(1);
});

test('a title cannot drive the terminal', async () => {
  const { printed, records } = terminal(async () => ({ reference: null, recurrenceOf: null }));
  await records.project(batch({ entries: [line(1, 'a\u001b[2Jb\u0007')] }));
  expect(printed.join('')).toContain('a [2Jb ');
});
