/** Acknowledging: the incident by name, or the only one of a severity that nobody has ("I have the SEV1"). */
import { SEVERITIES } from '../../domain/kernel/severity.ts';
import type { ApiClient } from '../api/api-client.ts';
import { fetchAllPages, worstFirst } from '../api/incident-pages.ts';
import { sendCommand } from '../api/send-command.ts';
import { CliError, EXIT, type IncidentChoice } from '../cli-error.ts';
import { AS, ID, type CommandCall, type CommandResult, type CommandSpec } from '../command.ts';
import { headline, type ApiIncident } from '../text/incident-text.ts';
import { GUIDE, impactByGuide } from './guide.ts';
import { plainCommand } from './plain-command.ts';

export const ack: CommandSpec = {
  ...plainCommand('acknowledge'),
  args: [{ ...ID, optional: true }],
  options: [
    { flags: '--severity <severity>', about: 'instead of ID: the only one that nobody has', choices: SEVERITIES },
    GUIDE,
    AS,
  ],
  run: async (call) => {
    const severity = call.options.text('severity');
    if (call.args['id'] !== undefined && severity !== undefined) {
      throw new CliError(EXIT.usage, 'name the incident or its --severity, not both');
    }
    if (severity === undefined && call.args['id'] === undefined) {
      throw new CliError(EXIT.usage, "missing required argument 'id'", {
        hint: 'or --severity: the only one that nobody has',
      });
    }
    if (severity === undefined) return acknowledge(call, {});
    const { workflowId, id: incidentId } = await onlyUnacknowledged(call.client(), severity);
    return acknowledge({ ...call, args: { id: workflowId } }, { incidentId });
  },
};

async function acknowledge(
  call: CommandCall,
  fields: { readonly incidentId?: string | undefined },
): Promise<CommandResult> {
  const done = await sendCommand(call, 'acknowledge', fields);
  // Recorded for later: nothing is known of it yet.
  if (!call.options.flag('guide') || !isIncident(done.json)) return done;
  return { ...done, text: `${done.text}\n${await impactByGuide(call, done.json)}` };
}

const isIncident = (json: unknown): json is ApiIncident =>
  typeof json === 'object' && json !== null && 'severity' in json && 'title' in json;

/**
 * The only open incident of this severity that nobody has acknowledged; tests count only while nothing is real.
 * Throws `CliError`: 2 when there is none, 1 with the choice when there are several, 69 when an incomplete list cannot tell.
 */
async function onlyUnacknowledged(api: ApiClient, severity: string): Promise<ApiIncident> {
  const { incidents, complete } = await fetchAllPages(api, { openOnly: true, severity });
  // The list is asked for the severity too; a server that ignores it must not have the wrong one acknowledged.
  const unacknowledged = incidents.filter(
    (incident) => incident.phase === 'declared' && incident.severity === severity,
  );
  const real = unacknowledged.filter(({ test }) => !test);
  const [found, ...others] = worstFirst(real.length > 0 ? real : unacknowledged);
  if (!complete && others.length === 0) {
    throw new CliError(
      EXIT.unavailable,
      `not acknowledged: it is not known now which unacknowledged ${severity} incidents there are`,
      {
        incidents: unacknowledged.map(choiceOf),
        hint: 'name it (tocsin ack ID), or try again',
      },
    );
  }
  if (found === undefined) {
    throw new CliError(EXIT.notFound, `not found: no unacknowledged ${severity}`, {
      hint: 'tocsin list shows what is open',
    });
  }
  if (others.length === 0) return found;
  throw new CliError(
    EXIT.refused,
    `refused: ${others.length + 1} unacknowledged ${severity} incidents; nothing was acknowledged`,
    {
      incidents: [found, ...others].map(choiceOf),
      hint: 'name one: tocsin ack ID',
    },
  );
}

function choiceOf(incident: ApiIncident): IncidentChoice {
  return { reference: incident.reference ?? null, workflowId: incident.workflowId, headline: headline(incident) };
}
