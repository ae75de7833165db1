/** What is left to be done: action items, and the post-mortem. */
import type { ActionItemView } from '../../domain/engine/view.ts';
import { BY, ID, type CommandSpec } from '../command.ts';
import { itemLine } from '../text/incident-work-text.ts';
import { incidentIn, incidentPath, sendCommand } from '../api/send-command.ts';

export const actionAdd: CommandSpec = {
  name: 'action add',
  suggestedFor: ['todo', 'task', 'add', 'followup', 'follow-up'],
  about: 'note something to be done about it later',
  kind: 'api',
  args: [ID, { name: 'text', about: 'what is to be done' }],
  options: [
    { flags: '--owner <person>', about: 'who does it: a person of the configuration' },
    { flags: '--due <day>', about: 'until when: 2026-12-24' },
    BY,
  ],
  examples: ['tocsin action add INC-2026-003 "Watch the connection pool" --owner bo --due 2026-12-24'],
  run: (call) => {
    const { args, options } = call;
    return sendCommand(call, 'addActionItem', {
      text: args['text'],
      owner: options.text('owner'),
      due: options.text('due'),
    });
  },
};

export const actionDone: CommandSpec = {
  name: 'action done',
  suggestedFor: ['done'],
  about: 'an action item is done',
  kind: 'api',
  args: [ID, { name: 'item', about: 'its id (A1) or its very text' }],
  options: [BY],
  examples: ['tocsin action done INC-2026-003 A1'],
  run: (call) => sendCommand(call, 'completeActionItem', { item: call.args['item'] }),
};

export const actionList: CommandSpec = {
  name: 'action list',
  suggestedFor: ['todo', 'tasks', 'followups', 'follow-ups'],
  about: 'the action items of an incident, with owner and due date',
  kind: 'api',
  args: [ID],
  examples: ['tocsin action list INC-2026-003'],
  run: async ({ args, client }) => {
    const { actionItems = [] } = incidentIn(await client().get(incidentPath(args['id'])));
    return { text: listOf(actionItems), json: { actionItems } };
  },
};

export const postmortemDone: CommandSpec = {
  name: 'postmortem done',
  about: 'the post-mortem has been held',
  kind: 'api',
  args: [ID],
  options: [{ flags: '--url <address>', about: 'where it is, if not here' }, BY],
  examples: ['tocsin postmortem done INC-2026-003 --url https://wiki.example.com/postmortems/3'],
  run: (call) => sendCommand(call, 'completePostmortem', { url: call.options.text('url') }),
};

function listOf(items: readonly ActionItemView[]): string {
  return items.length === 0 ? 'no action items' : items.map(itemLine).join('\n');
}
