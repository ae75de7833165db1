/** The commands of an incident as the API describes them, from the one table that every door reads. */
import { z } from 'zod';
import { COMMANDS, TEXT_LIMIT, type CommandType } from '../../domain/commands.ts';

const SUMMARIES: Readonly<Record<CommandType, string>> = {
  acknowledge: 'Take it: paging stops',
  decline: 'Cannot take it: the next level is paged at once',
  assignRole: 'Give somebody a role; the incident commander is one',
  setSeverity: 'Change how bad it is',
  postUpdate: 'Tell the team, or the public',
  addNote: 'Write a line on the timeline',
  decideMitigation: 'Roll back, or fix forward',
  reportMitigation: 'Say whether it helped',
  resolve: 'It is fixed: the watch begins, or ends',
  reopen: 'It is not over',
  declareFalseAlarm: 'There was nothing',
  split: 'Take one group out of a storm: it gets an incident of its own',
  escalate: 'Page the next level, or somebody by name',
  close: 'Nothing is left to be done about it',
};

export const summaryOf = (type: CommandType): string => SUMMARIES[type];

const text = z.string().min(1).max(TEXT_LIMIT);

/** The arguments of a command in the body of its request. */
export function bodyOf(type: CommandType): z.ZodType {
  const fields = Object.entries(COMMANDS[type]).map(([name, { is, optional }]): [string, z.ZodType] => {
    const schema = is === 'text' ? text : is === 'texts' ? z.array(text).max(100) : z.enum([...is]);
    return [name, optional ? schema.nullish() : schema];
  });
  return z.strictObject({
    ...Object.fromEntries(fields),
    episode: text.optional().describe('refused when the incident has gone on to another'),
    by: z.string().optional().describe('on behalf of; administrators only'),
  });
}
