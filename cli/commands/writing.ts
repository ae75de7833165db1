/** What people are told, and what is only written down. */
import { PUBLIC_STATES } from '../../domain/commands.ts';
import { BY, ID, type CommandSpec } from '../command.ts';
import { tell } from './tell.ts';

export const update: CommandSpec = {
  name: 'update',
  about: 'tell people how it stands; the next update is due from now',
  kind: 'api',
  args: [ID],
  options: [
    { flags: '--text <text>', about: 'what to say', required: true },
    { flags: '--public', about: 'on the public status page as well' },
    { flags: '--status <word>', about: 'the public word', choices: PUBLIC_STATES },
    BY,
  ],
  examples: [
    'tocsin update inc-platform-3f9c21 --text "Rolling back the 14:00 deploy"',
    'tocsin update inc-platform-3f9c21 --public --status Identified --text "We found the cause and are fixing it."',
  ],
  run: (call) =>
    tell(call, 'postUpdate', {
      text: call.options.text('text'),
      audience: call.options.flag('public') ? 'public' : 'internal',
      status: call.options.text('status'),
    }),
};

export const note: CommandSpec = {
  name: 'note',
  about: 'write a line on the timeline; nobody is told',
  kind: 'api',
  args: [ID, { name: 'text', about: 'what to write' }],
  options: [BY],
  examples: ['tocsin note inc-platform-3f9c21 "disk of db-2 was full at 14:02"'],
  run: (call) => tell(call, 'addNote', { text: call.args['text'] }),
};
