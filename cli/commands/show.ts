import type { TimelineLine } from '../../domain/view.ts';
import type { Answer, Client } from '../client.ts';
import { ID, type CommandSpec, type Result } from '../command.ts';
import { block, timeline } from '../incident-text.ts';
import { incidentOf, pathOf, timelineOf } from './tell.ts';

const LAST_LINES = 10;

/** One incident as it stands. */
export const show: CommandSpec = {
  name: 'show',
  aliases: ['status', 'get', 'view', ['timeline', '--timeline']],
  suggestedFor: ['describe', 'info', 'details', 'inspect', 'history', 'read'],
  about: 'show an incident: state, people, alerts, what happens next and when',
  kind: 'api',
  args: [ID],
  options: [{ flags: '--timeline', about: 'the whole timeline instead' }],
  examples: ['tocsin show INC-2026-003', 'tocsin show INC-2026-003 --timeline', 'tocsin show INC-2026-003 --json'],
  run: async ({ args, options, client }) => {
    const api = client();
    const path = pathOf(args['id']);
    if (options.flag('timeline')) return wholeTimeline(await api.get(`${path}/timeline`));
    return summary(await api.get(path), options.flag('json') ? [] : await lastLines(api, path));
  },
};

function summary(answer: Answer, lines: readonly TimelineLine[]): Result {
  return { text: block(incidentOf(answer), lines, answer.now), json: answer.body };
}

function wholeTimeline(answer: Answer): Result {
  const { timeline: lines, cut } = timelineOf(answer);
  const gap = cut > 0 ? [`(${cut} earlier lines were dropped: the record outgrew its bound)`] : [];
  return { text: [...gap, ...timeline(lines, answer.now)].join('\n'), json: answer.body };
}

async function lastLines(api: Client, path: string): Promise<readonly TimelineLine[]> {
  return timelineOf(await api.get(`${path}/timeline`)).timeline.slice(-LAST_LINES);
}
