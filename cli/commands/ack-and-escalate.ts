/** Who has it, who should, and how bad it is. */
import { ROLES } from '../../domain/kernel/commands.ts';
import { SEVERITIES } from '../../domain/kernel/severity.ts';
import { BY, ID, type CommandSpec } from '../command.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { onlyUnacknowledged } from '../api/only-unacknowledged.ts';
import { sendCommand } from '../api/send-command.ts';

export const ack: CommandSpec = {
  name: 'ack',
  aliases: ['acknowledge'],
  suggestedFor: ['acknowledged', 'take', 'claim', 'accept', 'answer', 'own', 'mine'],
  about: 'acknowledge: you have it, and nobody else is paged',
  kind: 'api',
  consequence: {
    undone: 'not acknowledged, and nobody was told that you have it',
    uncertain: 'it was acknowledged',
  },
  args: [{ ...ID, optional: true }],
  options: [{ flags: '--severity <severity>', about: 'without ID: the one that nobody has', choices: SEVERITIES }, BY],
  examples: [
    'tocsin ack INC-2026-003',
    'tocsin ack inc-platform-3f9c21d07be44a10b2c6 --by ana',
    'tocsin ack --severity SEV1',
  ],
  run: async (call) => {
    const severity = call.options.text('severity');
    if (call.args['id'] !== undefined && severity !== undefined) {
      throw new CliError(EXIT.usage, 'name the incident or its --severity, not both');
    }
    if (severity === undefined && call.args['id'] === undefined) {
      throw new CliError(EXIT.usage, "missing required argument 'id'", {
        hint: 'or --severity: the one that nobody has',
      });
    }
    if (severity === undefined) return sendCommand(call, 'acknowledge');
    const { workflowId, id: incidentId } = await onlyUnacknowledged(call.client(), severity);
    return sendCommand({ ...call, args: { id: workflowId } }, 'acknowledge', { incidentId });
  },
};

export const decline: CommandSpec = {
  name: 'decline',
  suggestedFor: ['reject', 'refuse', 'nack', 'pass', 'handoff'],
  about: 'you cannot take it: the next level is paged at once',
  kind: 'api',
  consequence: { undone: 'nobody else was paged', uncertain: 'the next level was paged' },
  args: [ID],
  options: [BY],
  examples: ['tocsin decline INC-2026-003'],
  run: (call) => sendCommand(call, 'decline'),
};

export const assign: CommandSpec = {
  name: 'assign',
  suggestedFor: ['role', 'give', 'handover', 'hand-over', 'delegate', 'reassign', 'transfer', 'handoff'],
  about: 'give somebody a role',
  kind: 'api',
  args: [
    ID,
    { name: 'role', about: 'what they do', choices: ROLES },
    { name: 'person', about: 'a person of the configuration' },
  ],
  options: [BY],
  examples: ['tocsin assign INC-2026-003 ic ana', 'tocsin assign INC-2026-003 communications-lead bo'],
  run: (call) => sendCommand(call, 'assignRole', { role: call.args['role'], person: call.args['person'] }),
};

export const severity: CommandSpec = {
  name: 'severity',
  suggestedFor: ['sev', 'raise', 'lower', 'upgrade', 'downgrade', 'priority', 'set-severity'],
  about: 'raise or lower the severity',
  kind: 'api',
  args: [ID, { name: 'severity', about: 'how bad it is now', choices: SEVERITIES }],
  options: [{ flags: '--reason <text>', about: 'why', required: true }, BY],
  examples: ['tocsin severity INC-2026-003 SEV1 --reason "checkout is down as well"'],
  run: (call) =>
    sendCommand(call, 'setSeverity', { severity: call.args['severity'], reason: call.options.text('reason') }),
};

export const escalate: CommandSpec = {
  name: 'escalate',
  suggestedFor: ['page', 'call', 'notify', 'summon', 'alert', 'escalation'],
  about: 'page the next level now, or somebody by name',
  kind: 'api',
  consequence: { undone: 'nobody was paged', uncertain: 'anybody was paged' },
  args: [ID],
  options: [
    { flags: '--to <name>', about: 'a person, team or schedule' },
    { flags: '--reason <text>', about: 'why', required: true },
    BY,
  ],
  examples: ['tocsin escalate INC-2026-003 --to bo --reason "needs a database person"'],
  run: (call) => sendCommand(call, 'escalate', { to: call.options.text('to'), reason: call.options.text('reason') }),
};

export const split: CommandSpec = {
  name: 'split',
  suggestedFor: ['separate'],
  about: 'take one group out of a storm: it gets an incident of its own',
  kind: 'api',
  args: [ID, { name: 'alert', about: 'the group: its workflow id or title, or the fingerprint of one of its alerts' }],
  options: [BY],
  examples: ['tocsin split storm-platform "Checkout is slow"'],
  run: (call) => sendCommand(call, 'split', { alert: call.args['alert'] }),
};
