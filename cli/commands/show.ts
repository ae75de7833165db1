import type { TimelineEntryView } from '../../domain/engine/view.ts';
import type { ApiResponse } from '../api/api-client.ts';
import { ID, type CommandSpec, type CommandResult } from '../command.ts';
import { incidentBlock, itemLine, timelineLine, timelineLines } from '../text/incident-text.ts';
import { incidentIn, incidentPath, timelineIn } from '../api/send-command.ts';

/** One incident as it stands. */
export const show: CommandSpec = {
  name: 'show',
  aliases: ['status', 'get', 'view', ['timeline', '--timeline']],
  suggestedFor: ['describe', 'info', 'details', 'inspect', 'history', 'read'],
  about: 'show an incident: its state, people, alerts, and what happens next and when',
  kind: 'api',
  args: [ID],
  options: [
    { flags: '--timeline', about: 'show the whole timeline instead' },
    { flags: '--all', about: 'with --timeline: every single page and repeat, instead of one line for a run of them' },
  ],
  examples: ['tocsin show INC-2026-003', 'tocsin show INC-2026-003 --timeline', 'tocsin show INC-2026-003 --json'],
  run: async ({ args, options, client }) => {
    const api = client();
    const path = incidentPath(args['id']);
    if (options.flag('timeline')) return wholeTimeline(await api.get(`${path}/timeline`), options.flag('all'));
    const incident = await api.get(path);
    return summary(incident, options.flag('json') ? [] : timelineIn(await api.get(`${path}/timeline`)).timeline);
  },
};

function summary(answer: ApiResponse, timeline: readonly TimelineEntryView[]): CommandResult {
  return { text: incidentBlock(incidentIn(answer), timeline, answer.now), json: answer.body };
}

function wholeTimeline(answer: ApiResponse, isUnfolded: boolean): CommandResult {
  const { timeline, cut } = timelineIn(answer);
  const gap = cut > 0 ? [`(${cut} earlier entries were dropped: the timeline reached its limit)`] : [];
  const { now } = answer;
  const lines = isUnfolded ? timeline.map((entry) => timelineLine(entry, now)) : timelineLines(timeline, now);
  return { text: [...gap, ...lines].join('\n'), json: answer.body };
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
