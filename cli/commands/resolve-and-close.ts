/** How an incident ends, and how it comes back. */
import { BY, ID, type CommandSpec } from '../command.ts';
import { sendCommand } from '../api/send-command.ts';

export const resolve: CommandSpec = {
  name: 'resolve',
  suggestedFor: ['resolved', 'fix', 'fixed', 'done', 'end', 'finish', 'complete', 'stop'],
  about: 'it is fixed: the watch begins (or is confirmed)',
  kind: 'api',
  args: [ID],
  options: [
    { flags: '--resolution <text>', about: 'what fixed it', required: true },
    { flags: '--ignore-alert <fingerprint>', about: 'this alert need not clear', many: true },
    BY,
  ],
  examples: [
    'tocsin resolve INC-2026-003 --resolution "rolled back to 1.8.2"',
    'tocsin resolve INC-2026-003 --resolution "replaced the disk" --ignore-alert 5ef77f1f8a3ecfca',
  ],
  run: (call) => {
    const ignored = call.options.list('ignoreAlert');
    return sendCommand(call, 'resolve', {
      resolution: call.options.text('resolution'),
      ignoreAlerts: ignored.length === 0 ? undefined : ignored,
    });
  },
};

export const reopen: CommandSpec = {
  name: 'reopen',
  suggestedFor: ['unresolve', 'again', 'restart'],
  about: 'it is not over: back to mitigating',
  kind: 'api',
  args: [ID],
  options: [{ flags: '--reason <text>', about: 'what was seen', required: true }, BY],
  examples: ['tocsin reopen INC-2026-003 --reason "customers report errors again"'],
  run: (call) => sendCommand(call, 'reopen', { reason: call.options.text('reason') }),
};

export const falseAlarm: CommandSpec = {
  name: 'false-alarm',
  aliases: ['false-positive'],
  suggestedFor: ['cancel', 'dismiss', 'ignore'],
  about: 'nothing was wrong: corrects what was public and closes',
  kind: 'api',
  args: [ID],
  options: [{ flags: '--reason <text>', about: 'how you know', required: true }, BY],
  examples: ['tocsin false-alarm INC-2026-003 --reason "the probe was broken"'],
  run: (call) => sendCommand(call, 'declareFalseAlarm', { reason: call.options.text('reason') }),
};

export const close: CommandSpec = {
  name: 'close',
  suggestedFor: ['end', 'finish', 'archive', 'closed', 'stop'],
  about: 'nothing is left to do about a resolved incident',
  kind: 'api',
  args: [ID],
  options: [{ flags: '--reason <text>', about: 'why now' }, BY],
  examples: ['tocsin close INC-2026-003'],
  run: (call) => sendCommand(call, 'close', { reason: call.options.text('reason') }),
};
