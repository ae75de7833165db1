import type { TimelineEntryView } from '../../domain/engine/view.ts';
import type { ApiResponse, ApiClient } from '../api/api-client.ts';
import { ID, type CommandSpec, type CommandResult } from '../command.ts';
import { incidentBlock, itemLine, timelineLines } from '../text/incident-text.ts';
import { incidentIn, incidentPath, timelineIn } from '../api/send-command.ts';

const LAST_ENTRIES = 10;

/** One incident as it stands. */
export const show: CommandSpec = {
  name: 'show',
  aliases: ['status', 'get', 'view', ['timeline', '--timeline']],
  suggestedFor: ['describe', 'info', 'details', 'inspect', 'history', 'read'],
  about: 'show an incident: its state, people, alerts, and what happens next and when',
  kind: 'api',
  args: [ID],
  options: [{ flags: '--timeline', about: 'show the whole timeline instead' }],
  examples: ['tocsin show INC-2026-003', 'tocsin show INC-2026-003 --timeline', 'tocsin show INC-2026-003 --json'],
  run: async ({ args, options, client }) => {
    const api = client();
    const path = incidentPath(args['id']);
    if (options.flag('timeline')) return wholeTimeline(await api.get(`${path}/timeline`));
    return summary(await api.get(path), options.flag('json') ? [] : await lastEntries(api, path));
  },
};

function summary(answer: ApiResponse, lines: readonly TimelineEntryView[]): CommandResult {
  return { text: incidentBlock(incidentIn(answer), lines, answer.now), json: answer.body };
}

function wholeTimeline(answer: ApiResponse): CommandResult {
  const { timeline: lines, cut } = timelineIn(answer);
  const gap = cut > 0 ? [`(${cut} earlier entries were dropped: the timeline reached its limit)`] : [];
  return { text: [...gap, ...timelineLines(lines, answer.now)].join('\n'), json: answer.body };
}

async function lastEntries(api: ApiClient, path: string): Promise<readonly TimelineEntryView[]> {
  return timelineIn(await api.get(`${path}/timeline`)).timeline.slice(-LAST_ENTRIES);
}

export const actionList: CommandSpec = {
  name: 'action list',
  suggestedFor: ['todo', 'tasks', 'followups', 'follow-ups'],
  about: 'list the action items of an incident, with owner and due date',
  kind: 'api',
  args: [ID],
  examples: ['tocsin action list INC-2026-003'],
  run: async ({ args, client }) => {
    const { actionItems = [] } = incidentIn(await client().get(incidentPath(args['id'])));
    const text = actionItems.length === 0 ? 'no action items' : actionItems.map(itemLine).join('\n');
    return { text, json: { actionItems } };
  },
};
