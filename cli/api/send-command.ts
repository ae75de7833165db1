/**
 * The way of every command that says something to an incident: one POST, and an answer that is believed only when it
 * is about that incident.
 */
import type { CommandType } from '../../domain/kernel/commands.ts';
import { kebab } from '../../domain/kernel/text.ts';
import type { TimelineEntryView, TimelineView } from '../../domain/engine/view.ts';
import type { ApiResponse } from './api-client.ts';
import type { CommandCall, CommandResult } from '../command.ts';
import { CliError, EXIT, noAnswer } from '../cli-error.ts';
import { headline, type ApiIncident } from '../text/incident-text.ts';

/** Sends the command with `fields` (undefined ones are left out) and reports what became of it. */
export async function sendCommand(
  { args, options, client, warn }: CommandCall,
  type: CommandType,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<CommandResult> {
  const answer = await client().post(`${incidentPath(args['id'])}/${kebab(type)}`, {
    ...fields,
    by: options.text('as'),
  });
  if (answer.status === 202 && answer.body['pending'] === true) {
    return { text: 'recorded; a worker will run it', json: answer.body };
  }
  const incident = incidentIn(answer);
  if (type === 'resolve') warnOfFiring(incident, warn);
  return { text: commandReport(incident), json: answer.body };
}

/** Where the API has the incident of this id. */
export const incidentPath = (id = ''): string => `/api/v1/incidents/${encodeURIComponent(id)}`;

/** The timeline of an answer; throws `CliError` (69) when it has none. */
export function timelineIn({ body, status }: ApiResponse): TimelineView {
  const { timeline: lines, cut } = body;
  if (!Array.isArray(lines)) throw new CliError(EXIT.unavailable, `no answer: status ${status} without a timeline`);
  return { timeline: lines as TimelineEntryView[], cut: typeof cut === 'number' ? cut : 0 };
}

/** The incident of an answer; throws `CliError` (69) when it is about something else. */
export function incidentIn({ status, body }: ApiResponse): ApiIncident {
  if (status !== 202 && typeof body['phase'] === 'string' && typeof body['workflowId'] === 'string') {
    return body as unknown as ApiIncident;
  }
  throw noAnswer(`the answer (status ${status}) is not about an incident: it is not known whether anything was done`);
}

function commandReport(incident: ApiIncident): string {
  const text = incident.text ?? 'done';
  return `${incident.changed === false ? `${text} (nothing changed)` : text}\n${headline(incident)}`;
}

function warnOfFiring({ firingCount }: ApiIncident, warn: (text: string) => void): void {
  if (!firingCount) return;
  const alerts = firingCount === 1 ? '1 alert still fires' : `${firingCount} alerts still fire`;
  warn(`${alerts}: monitoring cannot end until they clear or are named with --ignore-alert`);
}
