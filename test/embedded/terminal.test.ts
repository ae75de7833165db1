/** What the terminal of `tocsin up` shows of incidents: each line once, in time order, and what is due next. */
import type { RecordBatch } from '../../domain/record.ts';
import { shownOn } from '../../embedded/terminal.ts';
import type { Records } from '../../records/records.ts';

const AT = Date.parse('2026-12-01T00:15:00Z');

function batch(some: Partial<RecordBatch>, due: string | null = null): RecordBatch {
  const deadlines = due === null ? [] : [{ kind: 'escalation', at: '2026-12-01T00:20:00.000Z', text: due }];
  const head = { title: 'Checkout is down', deadlines } as unknown as RecordBatch['head'];
  const whole = {
    workflowId: 'inc-a',
    incidentId: 'E1',
    revision: 1,
    head,
    lines: [],
    deliveries: [],
    messages: [],
    alerts: [],
  };
  return { ...whole, ...some };
}

const line = (seq: number, text: string) => ({ seq, at: AT, kind: 'paged', by: null, text }) as never;

function terminal(write: Records['write']) {
  const printed: string[] = [];
  const records = shownOn(
    (text) => void printed.push(text),
    { write } as Records,
    () => ({ timeZone: 'Europe/Berlin' }),
  );
  return { printed, records };
}

test('lines are shown in the zone of the organization, by title until there is a number', async () => {
  const { printed, records } = terminal(async () => ({ reference: 'INC-2026-001', recurrenceOf: null }));
  await records.write(batch({ lines: [line(1, 'Declared')] }, 'level 2 is paged'));
  await records.write(batch({ lines: [line(2, 'Ana has it')] }));
  expect(printed).toEqual([
    '01:15:00  "Checkout is down"  Declared\n          next: level 2 is paged at 01:20:00\n',
    '01:15:00  INC-2026-001  Ana has it\n',
  ]);
});

test('while the records are away the lines are shown all the same, and only once', async () => {
  const { printed, records } = terminal(() => Promise.reject(new Error('away')));
  const same = batch({ lines: [line(1, 'Declared')] }, 'level 2 is paged');
  await expect(records.write(same)).rejects.toThrow('away');
  await expect(records.write(same)).rejects.toThrow('away');
  expect(printed).toHaveLength(1);
});

test('a title cannot drive the terminal', async () => {
  const { printed, records } = terminal(async () => ({ reference: null, recurrenceOf: null }));
  await records.write(batch({ lines: [line(1, 'a\u001b[2Jb\u0007')] }));
  expect(printed.join('')).toContain('a [2Jb ');
});
