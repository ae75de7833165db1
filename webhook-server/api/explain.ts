/** Why: what would become of a message, and why an incident is what it is. Nothing is opened, told or kept. */
import { z } from 'zod';
import type { AppDeps } from '../dependencies.ts';
import { explainIncident } from './explain/explain-incident.ts';
import { explainPayload } from './explain/explain-payload.ts';
import { IncidentsUnavailable, UnknownIncident, type RoutedAlerts } from '../incidents/gateway.ts';
import { readQuery } from '../http/query.ts';
import type { RouteResponse, RouteRequest, Route } from '../http/route.ts';
import type { IncidentReader } from '../incidents/incident-reader.ts';
import type { PagingAccount } from '../../domain/engine/explain.ts';
import { readQuerySchema } from './query-schemas.ts';

export const explainQuerySchema = z.strictObject({
  source: z.string().min(1).max(40).describe('whose message the body is: a source of the configuration'),
});

export function explainRoutes(deps: AppDeps, reader: IncidentReader): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/api/v1/explain',
      access: 'viewer',
      body: 'json',
      handle: async ({ req, body, receivedAt }) => {
        const { source } = readQuery(req, explainQuerySchema);
        const { gateway, maintenance } = deps;
        const explainGateway = {
          show: (workflowId: string) => gateway.show(workflowId),
          expectedWorkflowId: (routed: RoutedAlerts) => gateway.expectedWorkflowId(routed),
          ...(maintenance === undefined ? {} : { mark: maintenance.suppress }),
        };
        return { status: 200, json: await explainPayload({ body, source, receivedAt }, deps.config(), explainGateway) };
      },
    },
    {
      method: 'GET',
      path: '/api/v1/incidents/:id/explain',
      access: 'viewer',
      body: 'none',
      handle: (incoming) => explainIncidentById(deps, reader, incoming),
    },
  ];
}

async function explainIncidentById(
  { config, gateway }: AppDeps,
  reader: IncidentReader,
  { req, params }: RouteRequest,
): Promise<RouteResponse> {
  const { minSeq } = readQuery(req, readQuerySchema);
  const wanted = { id: params['id'] ?? '', minSeq };
  const view = await reader.incident(wanted);
  const [{ timeline }, account] = await Promise.all([
    reader.timeline(wanted),
    pagingAccountOrNull(gateway.explain(view.workflowId, view.id)),
  ]);
  return { status: 200, json: explainIncident({ view, timeline, account }, config()) };
}

/** The record says most of it, also when no worker answers and when the workflow is long gone. */
async function pagingAccountOrNull(asking: Promise<PagingAccount>): Promise<PagingAccount | null> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof IncidentsUnavailable || error instanceof UnknownIncident) return null;
    throw error;
  }
}
