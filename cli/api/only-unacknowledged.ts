/** Finding the one incident that somebody means who says nothing but "I have the SEV1". */
import type { ApiClient } from './api-client.ts';
import { CliError, EXIT, type IncidentChoice } from '../cli-error.ts';
import { headline, type ApiIncident } from '../text/incident-text.ts';
import { fetchAllPages, worstFirst } from './incident-pages.ts';

/**
 * The only open incident of this severity that nobody has acknowledged; tests count only while nothing is real.
 * Throws `CliError`: 2 when there is none, 1 with the choice when there are several, 69 when an incomplete list cannot tell.
 */
export async function onlyUnacknowledged(api: ApiClient, severity: string): Promise<ApiIncident> {
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
      `not acknowledged: which unacknowledged ${severity} there are is not known now`,
      {
        incidents: unacknowledged.map(choiceOf),
        hint: 'say which: tocsin ack ID, or try again',
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
    `refused: ${others.length + 1} unacknowledged ${severity} incidents, nothing was acknowledged`,
    {
      incidents: [found, ...others].map(choiceOf),
      hint: 'say which: tocsin ack ID',
    },
  );
}

function choiceOf(incident: ApiIncident): IncidentChoice {
  return { reference: incident.reference ?? null, workflowId: incident.workflowId, headline: headline(incident) };
}
