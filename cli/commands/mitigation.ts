/** Restoring service: the decision, and whether it worked. */
import { FIX_FORWARD_TICKS } from '../../domain/kernel/commands.ts';
import { BY, ID, type CommandSpec } from '../command.ts';
import { sendCommand } from '../api/send-command.ts';

export const decide: CommandSpec = {
  name: 'decide',
  suggestedFor: ['decision', 'rollback', 'roll-back', 'fix-forward', 'mitigate'],
  about: 'roll back (the default), or fix forward (needs all three ticks)',
  kind: 'api',
  args: [ID, { name: 'decision', about: 'what to do', choices: ['rollback', 'fix-forward'] }],
  options: [
    { flags: '--tick <word>', about: 'what a fix forward must be', many: true, choices: FIX_FORWARD_TICKS },
    { flags: '--action <name>', about: 'what is done, in a word' },
    { flags: '--reason <text>', about: 'why' },
    BY,
  ],
  examples: [
    'tocsin decide INC-2026-003 rollback --reason "started with the 14:00 deploy"',
    `tocsin decide INC-2026-003 fix-forward ${FIX_FORWARD_TICKS.map((tick) => `--tick ${tick}`).join(' ')} --reason "one wrong flag"`,
  ],
  run: (call) => {
    const ticks = call.options.list('tick');
    return sendCommand(call, 'decideMitigation', {
      decision: call.args['decision'],
      action: call.options.text('action'),
      reason: call.options.text('reason'),
      ticks: ticks.length === 0 ? undefined : ticks,
    });
  },
};

export const mitigation: CommandSpec = {
  name: 'mitigation',
  suggestedFor: ['mitigate', 'mitigated', 'worked', 'failed'],
  about: 'say whether the mitigation worked',
  kind: 'api',
  args: [ID, { name: 'outcome', about: 'what became of it', choices: ['worked', 'failed'] }],
  options: [{ flags: '--text <text>', about: 'what was seen' }, BY],
  examples: ['tocsin mitigation INC-2026-003 worked', 'tocsin mitigation INC-2026-003 failed --text "errors are back"'],
  run: (call) =>
    sendCommand(call, 'reportMitigation', { outcome: call.args['outcome'], text: call.options.text('text') }),
};
