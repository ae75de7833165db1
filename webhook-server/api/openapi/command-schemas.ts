/** The commands of an incident as the API describes them, from the one table that every door reads. */
import { z } from 'zod';
import { COMMANDS, type CommandType } from '../../../domain/kernel/commands.ts';
import { TEXT_LIMIT, type Field } from '../../../domain/kernel/fields.ts';

const SUMMARIES: Readonly<Record<CommandType, string>> = {
  acknowledge: 'Take it: paging stops',
  decline: 'Cannot take it: the next level is paged at once',
  assignRole: 'Give somebody a role; the incident commander is one',
  setSeverity: 'Change how bad it is',
  postUpdate: 'Tell the team, or the public',
  assessImpact: 'Say what it does to users',
  addNote: 'Write a line on the timeline',
  decideMitigation: 'Roll back, or fix forward',
  reportMitigation: 'Say whether it helped',
  runAction: 'Run an action of the configuration',
  resolve: 'It is fixed: the watch begins, or ends',
  reopen: 'It is not over',
  declareFalseAlarm: 'There was nothing',
  merge: 'Make it a part of another incident',
  split: 'Take one group out of a storm: it gets an incident of its own',
  escalate: 'Page the next level, or somebody by name',
  movePolicy: "Run it by today's configuration",
  addActionItem: 'Something to be done about it later',
  completeActionItem: 'It is done',
  completePostmortem: 'The post-mortem has been held',
  close: 'Nothing is left to be done about it',
};

export const commandSummary = (type: CommandType): string => SUMMARIES[type];

const text = z.string().min(1).max(TEXT_LIMIT);

const FIELD_SCHEMAS: Readonly<Record<Extract<Field['is'], string>, z.ZodType>> = {
  text,
  texts: z.array(text).max(100),
  count: z.int().min(0),
  flag: z.boolean(),
  amount: z.union([z.string().min(1).max(100), z.number()]),
  day: z.iso.date(),
  address: z.url(),
  values: z.record(z.string(), z.string().max(1000)),
};

/** The arguments of a command in the body of its request. */
export function commandBodySchema(type: CommandType): z.ZodType {
  const fields = Object.entries(COMMANDS[type]).map(([name, { is, optional }]): [string, z.ZodType] => {
    const schema = typeof is === 'string' ? FIELD_SCHEMAS[is] : z.enum([...is]);
    return [name, optional ? schema.nullish() : schema];
  });
  return z.strictObject({
    ...Object.fromEntries(fields),
    incidentId: text.optional().describe('refused when the incident has gone on to another'),
    by: z.string().optional().describe('on behalf of; administrators only'),
  });
}
