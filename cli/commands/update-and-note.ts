/** What people are told, and what is only written down. */
import { PUBLIC_STATES, type PublicState, type UpdateDetails } from '../../domain/kernel/commands.ts';
import { BY, ID, type CommandSpec, type CommandOptions } from '../command.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { sendCommand } from '../api/send-command.ts';

/** What is said with a word when the person adds nothing. */
const DEFAULT_TEXTS: Readonly<Record<PublicState, string>> = {
  Investigating: 'We are investigating the problem.',
  Identified: 'We know what causes the problem and are fixing it.',
  Monitoring: 'A fix is in place. We are watching it.',
  Resolved: 'The problem is resolved.',
};

export const update: CommandSpec = {
  name: 'update',
  suggestedFor: [
    'post',
    'tell',
    'announce',
    'publish',
    'communicate',
    'notify',
    'message',
    'status-update',
    'post-update',
  ],
  about: 'tell people how it stands; the next update is due from now',
  kind: 'api',
  consequence: { undone: 'nobody was told', uncertain: 'anybody was told' },
  args: [ID],
  options: [
    { flags: '--text <text>', about: 'what to say (else, with --status, a sentence for that word)' },
    { flags: '--public', about: 'on the public status page as well' },
    { flags: '--status <word>', about: 'the public word: public, unless --internal', choices: PUBLIC_STATES },
    { flags: '--internal', about: 'for those at work only' },
    { flags: '--impact <text>', about: 'what users notice' },
    { flags: '--cause <text>', about: "the cause, or today's hypothesis" },
    { flags: '--actions <text>', about: 'what is being done' },
    { flags: '--next <text>', about: 'what comes next' },
    { flags: '--eta <text>', about: 'when it may be over' },
    BY,
  ],
  examples: [
    'tocsin update INC-2026-003 --text "Rolling back the 14:00 deploy"',
    'tocsin update INC-2026-003 --status Identified --text "We found the cause and are fixing it."',
    'tocsin update INC-2026-003 --status Investigating',
    'tocsin update INC-2026-003 --text "Still down" --cause "a full disk" --actions "moving logs" --eta "15:00"',
  ],
  run: (call) => {
    const { options } = call;
    const status = PUBLIC_STATES.find((word) => word === options.text('status'));
    const text = options.text('text') ?? (status === undefined ? undefined : DEFAULT_TEXTS[status]);
    if (text === undefined) throw new CliError(EXIT.usage, 'what is there to say? Give --text, --status or both');
    if (options.flag('public') && options.flag('internal')) {
      throw new CliError(EXIT.usage, 'an update is --public or --internal, not both');
    }
    const open = options.flag('public') || (status !== undefined && !options.flag('internal'));
    return sendCommand(call, 'postUpdate', {
      text,
      audience: open ? 'public' : 'internal',
      status,
      ...detailsOf(options),
    });
  },
};

function detailsOf(options: CommandOptions): UpdateDetails {
  const details = {
    impact: options.text('impact'),
    cause: options.text('cause'),
    actions: options.text('actions'),
    nextSteps: options.text('next'),
    eta: options.text('eta'),
  };
  return Object.fromEntries(Object.entries(details).filter(([, text]) => text !== undefined));
}

export const note: CommandSpec = {
  name: 'note',
  aliases: ['comment'],
  suggestedFor: ['log', 'remark', 'write', 'add-note', 'add'],
  about: 'write a line on the timeline; nobody is told',
  kind: 'api',
  args: [ID, { name: 'text', about: 'what to write' }],
  options: [BY],
  examples: ['tocsin note INC-2026-003 "disk of db-2 was full at 14:02"'],
  run: (call) => sendCommand(call, 'addNote', { text: call.args['text'] }),
};
