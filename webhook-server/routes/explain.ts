/** Why: what would become of a message, and why an incident is what it is. Nothing is opened, told or kept. */
import { z } from 'zod';
import type { AppDeps } from '../deps.ts';
import { explainIncident } from '../explain/incident.ts';
import { explainPayload } from '../explain/payload.ts';
import { Unavailable, UnknownIncident, type RoutedAlerts } from '../gateway.ts';
import { readQuery } from '../http/query.ts';
import type { Answer, Incoming, Route } from '../http/route.ts';
import type { Reader } from '../reading/reader.ts';
import type { PagingAccount } from '../../domain/explain.ts';
import { readQuerySchema } from './queries.ts';

export const explainQuerySchema = z.strictObject({
  source: z.string().min(1).max(40).describe('whose message the body is: a source of the configuration'),
});

export function explainRoutes(deps: AppDeps, reader: Reader): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/api/v1/explain',
      access: 'viewer',
      body: 'json',
      handle: async ({ req, body, receivedAt }) => {
        const { source } = readQuery(req, explainQuerySchema);
        const { gateway, maintenance } = deps;
        const asked = {
          show: (workflowId: string) => gateway.show(workflowId),
          expected: (routed: RoutedAlerts) => gateway.expected(routed),
          ...(maintenance === undefined ? {} : { mark: maintenance.mark }),
        };
        return { status: 200, json: await explainPayload({ body, source, receivedAt }, deps.config(), asked) };
      },
    },
    {
      method: 'GET',
      path: '/api/v1/incidents/:id/explain',
      access: 'viewer',
      body: 'none',
      handle: (incoming) => ofIncident(deps, reader, incoming),
    },
  ];
}

async function ofIncident({ config, gateway }: AppDeps, reader: Reader, { req, params }: Incoming): Promise<Answer> {
  const { minSeq } = readQuery(req, readQuerySchema);
  const wanted = { id: params['id'] ?? '', minSeq };
  const view = await reader.incident(wanted);
  const [{ timeline: lines }, account] = await Promise.all([
    reader.timeline(wanted),
    accountOf(gateway.explain(view.workflowId, view.id)),
  ]);
  return { status: 200, json: explainIncident({ view, lines, account }, config()) };
}

/** The record says most of it, also when no worker answers and when the workflow is long gone. */
async function accountOf(asking: Promise<PagingAccount>): Promise<PagingAccount | null> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof Unavailable || error instanceof UnknownIncident) return null;
    throw error;
  }
}
