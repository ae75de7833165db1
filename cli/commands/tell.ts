/**
 * The way of every command that says something to an incident: one POST, and an answer that is believed only when it
 * is about that incident.
 */
import type { CommandType } from '../../domain/commands.ts';
import type { TimelineLine, TimelineView } from '../../domain/view.ts';
import type { Answer } from '../client.ts';
import type { Call, Result } from '../command.ts';
import { CliError, EXIT } from '../failure.ts';
import { routeOf } from '../names.ts';
import { headline, type ShownIncident } from '../incident-text.ts';

/** Sends the command with `fields` (undefined ones are left out) and reports what became of it. */
export async function tell(
  { args, options, client, warn }: Call,
  type: CommandType,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<Result> {
  const by = options.text('by');
  const body = Object.fromEntries(Object.entries({ ...fields, by }).filter(([, value]) => value !== undefined));
  const answer = await client().post(`${pathOf(args['id'])}/${routeOf(type)}`, body);
  if (answer.status === 202 && answer.body['pending'] === true) {
    return { text: 'recorded; a worker will take it', json: answer.body };
  }
  const incident = incidentOf(answer);
  if (type === 'resolve') warnOfFiring(incident, warn);
  return { text: report(incident), json: answer.body };
}

/** Where the API has the incident of this id. */
export const pathOf = (id = ''): string => `/api/v1/incidents/${encodeURIComponent(id)}`;

/** The timeline of an answer; throws `CliError` (69) when it has none. */
export function timelineOf({ body, status }: Answer): TimelineView {
  const { timeline: lines, cut } = body;
  if (!Array.isArray(lines)) throw new CliError(EXIT.unavailable, `no answer: status ${status} without a timeline`);
  return { timeline: lines as TimelineLine[], cut: typeof cut === 'number' ? cut : 0 };
}

/** The incident of an answer; throws `CliError` (69) when it is about something else. */
export function incidentOf({ status, body }: Answer): ShownIncident {
  if (status !== 202 && typeof body['phase'] === 'string' && typeof body['workflowId'] === 'string') {
    return body as unknown as ShownIncident;
  }
  throw new CliError(
    EXIT.unavailable,
    `the answer (status ${status}) is not about an incident: it is not known whether anything was done`,
    {
      hint: 'is that another service? Check TOCSIN_URL',
    },
  );
}

function report(incident: ShownIncident): string {
  const said = incident.text ?? 'done';
  return `${incident.changed === false ? `${said} (already so: nothing changed)` : said}\n${headline(incident)}`;
}

function warnOfFiring({ firingCount }: ShownIncident, warn: (text: string) => void): void {
  if (!firingCount) return;
  const alerts = firingCount === 1 ? '1 alert still fires' : `${firingCount} alerts still fire`;
  warn(`${alerts}: the watch cannot end until they clear, or are named with --ignore-alert`);
}
