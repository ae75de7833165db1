import { describe, expect, test } from '@jest/globals';

import { readCommand, COMMAND_TYPES, fieldsOf } from '../../../domain/kernel/commands.ts';
import { TEXT_LIMIT } from '../../../domain/kernel/fields.ts';
import { SAMPLE_COMMANDS } from '../../support/pure-incident.ts';

const TYPES = COMMAND_TYPES;

describe('[CMD-1] every via reads a command by the same table', () => {
  test.each(TYPES)('%s is read as it was meant', (type) => {
    const raw = { by: 'ana', requestId: 'r1', incidentId: 'E1', ...SAMPLE_COMMANDS[type] };
    expect(readCommand(type, raw)).toEqual({ command: raw });
  });

  test.each(TYPES)('%s says all that is missing at once', (type) => {
    const required = [
      'by',
      ...Object.entries(fieldsOf(type))
        .filter(([, field]) => !field.optional)
        .map(([name]) => name),
    ];
    const read = readCommand(type, {});
    expect('problems' in read && read.problems.map(({ at }) => at)).toEqual(required);
  });
});

test.each([
  ['nothing', undefined, ''],
  ['a list', [], ''],
  ['a text', 'ana', ''],
  ['an empty name', { by: '  ' }, 'by'],
  ['a number for a name', { by: 7 }, 'by'],
  ['an argument nobody knows', { by: 'ana', force: true }, 'force'],
  ['a polluted object', JSON.parse('{"by":"ana","__proto__":{"by":"eve"}}'), '__proto__'],
])('%s is refused, naming what is wrong', (_what, raw, where) => {
  expect(readCommand('acknowledge', raw)).toMatchObject({ problems: [{ at: where }] });
});

test('[ROLE-1] the operations lead is the technical lead, and is one role', () => {
  const raw = { by: 'ana', role: 'operationsLead', person: 'bo' };
  expect(readCommand('assignRole', raw)).toEqual({
    command: { type: 'assignRole', by: 'ana', role: 'technicalLead', person: 'bo' },
  });
  expect(readCommand('assignRole', { ...raw, role: 'constructor' })).toMatchObject({ problems: [{ at: 'role' }] });
});

test('texts are trimmed, and too long a one is refused', () => {
  expect(readCommand('addNote', { by: ' ana ', text: ' hi ' })).toEqual({
    command: { type: 'addNote', by: 'ana', text: 'hi' },
  });
  expect(readCommand('addNote', { by: 'ana', text: 'x'.repeat(TEXT_LIMIT + 1) })).toMatchObject({
    problems: [{ at: 'text' }],
  });
});

test('null is the same as leaving an optional argument out', () => {
  expect(readCommand('close', { by: 'ana', reason: null })).toEqual({ command: { type: 'close', by: 'ana' } });
});

test('words outside their list are refused with the list', () => {
  expect(readCommand('setSeverity', { by: 'ana', severity: 'sev1', reason: 'x' })).toEqual({
    problems: [{ at: 'severity', message: 'expected one of SEV1, SEV2, SEV3, SEV4' }],
  });
});
