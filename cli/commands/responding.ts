/** Who has it, who should, and how bad it is. */
import { ROLES } from '../../domain/commands.ts';
import { SEVERITIES } from '../../domain/severity.ts';
import { BY, ID, type CommandSpec } from '../command.ts';
import { tell } from './tell.ts';

export const ack: CommandSpec = {
  name: 'ack',
  about: 'acknowledge: you have it, and nobody else is paged',
  kind: 'api',
  args: [ID],
  options: [BY],
  examples: ['tocsin ack inc-platform-3f9c21', 'tocsin ack inc-platform-3f9c21d07be44a10 --by ana'],
  run: (call) => tell(call, 'acknowledge'),
};

export const decline: CommandSpec = {
  name: 'decline',
  about: 'you cannot take it: the next level is paged at once',
  kind: 'api',
  args: [ID],
  options: [BY],
  examples: ['tocsin decline inc-platform-3f9c21'],
  run: (call) => tell(call, 'decline'),
};

export const assign: CommandSpec = {
  name: 'assign',
  about: 'give somebody a role',
  kind: 'api',
  args: [
    ID,
    { name: 'role', about: 'what they do', choices: ROLES },
    { name: 'person', about: 'a person of the configuration' },
  ],
  options: [BY],
  examples: ['tocsin assign inc-platform-3f9c21 ic ana', 'tocsin assign inc-platform-3f9c21 communications-lead bo'],
  run: (call) => tell(call, 'assignRole', { role: call.args['role'], person: call.args['person'] }),
};

export const severity: CommandSpec = {
  name: 'severity',
  about: 'raise or lower the severity',
  kind: 'api',
  args: [ID, { name: 'severity', about: 'how bad it is now', choices: SEVERITIES }],
  options: [{ flags: '--reason <text>', about: 'why', required: true }, BY],
  examples: ['tocsin severity inc-platform-3f9c21 SEV1 --reason "checkout is down as well"'],
  run: (call) => tell(call, 'setSeverity', { severity: call.args['severity'], reason: call.options.text('reason') }),
};

export const escalate: CommandSpec = {
  name: 'escalate',
  about: 'page the next level now, or somebody by name',
  kind: 'api',
  args: [ID],
  options: [
    { flags: '--to <name>', about: 'a person, team or schedule' },
    { flags: '--reason <text>', about: 'why', required: true },
    BY,
  ],
  examples: ['tocsin escalate inc-platform-3f9c21 --to bo --reason "needs a database person"'],
  run: (call) => tell(call, 'escalate', { to: call.options.text('to'), reason: call.options.text('reason') }),
};
