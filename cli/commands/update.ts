import { PUBLIC_STATES } from '../../domain/kernel/commands.ts';
import { sendCommand } from '../api/send-command.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { AS, type CommandSpec } from '../command.ts';
import { fieldValues, optionFor, plainCommand } from './plain-command.ts';

/** Tells people how things stand: the team, unless the update is public. */
export const update: CommandSpec = {
  ...plainCommand('postUpdate'),
  options: [
    { flags: '--text <text>', about: 'what to say (with --status, a standard sentence by default)' },
    { flags: '--public', about: 'post it on the public status page as well' },
    { flags: '--internal', about: 'for the team only' },
    {
      flags: '--status <status>',
      about: 'the public state; makes it public, unless --internal',
      choices: PUBLIC_STATES,
    },
    ...['impact', 'cause', 'actions', 'nextSteps', 'eta'].map((name) => optionFor('postUpdate', name)),
    AS,
  ],
  run: (call) => {
    const { options } = call;
    const status = options.text('status');
    if (options.text('text') === undefined && status === undefined)
      throw new CliError(EXIT.usage, 'nothing to say: give --text, --status or both');
    if (options.flag('public') && options.flag('internal')) {
      throw new CliError(EXIT.usage, 'an update is --public or --internal, not both');
    }
    const isPublic = options.flag('public') || (status !== undefined && !options.flag('internal'));
    const audience = isPublic ? 'public' : 'internal';
    return sendCommand(call, 'postUpdate', { ...fieldValues(call, 'postUpdate'), audience });
  },
};
