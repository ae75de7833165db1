/** What it does to users, what else it belongs to, and by which rules it runs. */
import { SCOPES } from '../../domain/kernel/commands.ts';
import { BY, ID, type CommandSpec } from '../command.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { sendCommand } from '../api/send-command.ts';

export const impact: CommandSpec = {
  name: 'impact',
  suggestedFor: ['affected', 'users', 'customers', 'set-impact'],
  about: 'say what it does to users; what was said before stays where nothing new is said',
  kind: 'api',
  args: [ID, { name: 'summary', about: 'in a sentence' }],
  options: [
    { flags: '--scope <scope>', about: 'whom it hits', choices: SCOPES },
    { flags: '--users <number>', about: 'how many users' },
    { flags: '--data-loss <answer>', about: 'data is lost or corrupt', choices: ['yes', 'no'] },
    { flags: '--revenue <amount>', about: 'what it has cost, as you write it' },
    BY,
  ],
  examples: [
    'tocsin impact INC-2026-003 "Nobody can pay" --scope all',
    `tocsin impact INC-2026-003 "Nobody could pay" --users 15000 --data-loss no --revenue '$45000'`,
  ],
  run: (call) => {
    const { args, options } = call;
    const loss = options.text('dataLoss');
    return sendCommand(call, 'assessImpact', {
      summary: args['summary'],
      scope: options.text('scope'),
      usersAffected: countOf(options.text('users')),
      dataLoss: loss === undefined ? undefined : loss === 'yes',
      revenueLost: options.text('revenue'),
    });
  },
};

function countOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new CliError(EXIT.usage, `--users is a whole number, not ${text}`);
}

export const merge: CommandSpec = {
  name: 'merge',
  suggestedFor: ['join', 'combine', 'duplicate', 'link'],
  about: 'make it a part of another incident, which goes on for both',
  kind: 'api',
  args: [ID, { name: 'into', about: 'the incident that goes on: its number or workflow id' }],
  options: [BY],
  examples: ['tocsin merge INC-2026-004 INC-2026-003'],
  run: (call) => sendCommand(call, 'merge', { into: call.args['into'] }),
};

export const movePolicy: CommandSpec = {
  name: 'move-policy',
  suggestedFor: ['policy'],
  about: "run it by today's configuration instead of that of its declaration",
  kind: 'api',
  args: [ID],
  options: [BY],
  examples: ['tocsin move-policy INC-2026-003'],
  run: (call) => sendCommand(call, 'movePolicy'),
};
