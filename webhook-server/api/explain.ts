/** Why: what would become of a message, and why an incident is what it is. Nothing is opened, sent or kept. */
import { z } from 'zod';
import type { PagingAccount } from '../../domain/engine/explain.ts';
import type { AppDeps } from '../dependencies.ts';
import { defineRoute, type RouteResponse, type RouteRequest, type Route } from '../http/route.ts';
import { IncidentsUnavailable, UnknownIncident } from '../incidents/incident-queries.ts';
import type { IncidentReader } from '../incidents/incident-reader.ts';
import { count, nullable, readQuery, severity, text, textMap, time } from './common-schemas.ts';
import { explainIncident } from './explain/explain-incident.ts';
import { explainPayload } from './explain/explain-payload.ts';

export function explainRoutes(deps: AppDeps, reader: IncidentReader): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/api/v1/explain',
      summary: "What would become of a sender's message; nothing is opened, sent or kept",
      access: 'viewer',
      query: explainQuery,
      body: 'json',
      inputShape: z.union([z.looseObject({}), z.array(z.looseObject({}))]),
      output: { 200: payloadExplained },
      handle: async ({ query: { source }, body, receivedAt }) => ({
        status: 200,
        json: await explainPayload({ body, source, receivedAt }, deps.config(), deps.gateway),
      }),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/incidents/:id/explain',
      summary: 'Why it is what it is: identity, severity, who was paged and why, and why nobody else is',
      access: 'viewer',
      query: readQuery,
      body: 'none',
      output: { 200: incidentExplained },
      handle: (incoming) => explainIncidentById(deps, reader, incoming),
    }),
  ];
}

async function explainIncidentById(
  { config, gateway }: AppDeps,
  reader: IncidentReader,
  { query, params }: RouteRequest<z.output<typeof readQuery>>,
): Promise<RouteResponse> {
  const wanted = { ...query, id: params['id'] ?? '' };
  const view = await reader.incident(wanted);
  const [{ timeline }, account] = await Promise.all([
    reader.timeline(wanted),
    pagingAccountOrNull(gateway.explain(view.workflowId, view.id)),
  ]);
  return { status: 200, json: explainIncident({ view, timeline, account }, config()) };
}

/** The record explains most of it, even when no worker answers or the workflow is long gone. */
async function pagingAccountOrNull(asking: Promise<PagingAccount>): Promise<PagingAccount | null> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof IncidentsUnavailable || error instanceof UnknownIncident) return null;
    throw error;
  }
}

const explainQuery = z.strictObject({
  source: z.string().min(1).max(40).describe("the sender's source, as in the configuration"),
});

// Loose, since explanations say more with every version.
const routingExplained = z.looseObject({
  route: count.describe('place in `routes`, from 0'),
  match: textMap,
  team: text,
  skippedRoutes: z.array(z.looseObject({ route: count, label: text, pattern: text, value: nullable(text) })),
  severity: z.looseObject({
    label: nullable(text),
    severity: nullable(severity),
    guessed: z.boolean(),
    because: z.enum(['map', 'label', 'lifted', 'route', 'guessed', 'none']),
    cappedFrom: nullable(severity),
  }),
});

const alertExplained = z.looseObject({
  title: text,
  labels: textMap,
  fingerprint: text,
  status: z.enum(['firing', 'resolved']),
  startsAt: time,
  startGuessed: z.boolean(),
  endsAt: nullable(time),
  repaired: z.array(text),
  ignored: nullable(text),
  routing: nullable(routingExplained),
  identity: z
    .looseObject({
      workflowId: text,
      by: z.enum(['group', 'group-labels', 'labels', 'alert-labels']),
      key: text,
      team: text,
    })
    .nullable(),
});

const plannedPage = z.looseObject({
  afterMs: count,
  at: time,
  reason: text,
  level: count.describe('0: outside the escalation'),
  people: z.array(z.looseObject({ person: text, name: text, methods: z.array(text), quiet: z.boolean() })),
  quietUntil: nullable(time).describe('quiet hours: only quiet methods before this'),
  skipped: z.array(z.looseObject({ name: text, why: text })),
});

const routedExplained = z.looseObject({
  workflowId: text,
  url: z.url(),
  title: text,
  team: text,
  service: nullable(text),
  severity,
  now: z.looseObject({ state: z.enum(['none', 'unknown', 'open', 'over']) }),
  effect: text,
  suppressed: z.looseObject({ windows: z.array(text), until: time }).nullable(),
  storm: nullable(text),
  reasons: z.array(text),
  paging: z.looseObject({ policy: text, pages: z.array(plannedPage), then: text }).nullable(),
});

export const payloadExplained = z.looseObject({
  source: text,
  alerts: z.array(alertExplained),
  alertCount: count,
  incidents: z.array(routedExplained),
  incidentCount: count,
  truncated: count,
  dropped: z.array(text),
});

const timelineEntry = z.looseObject({ seq: count, at: time, kind: text, by: nullable(text), text });

export const incidentExplained = z.looseObject({
  id: text,
  reference: nullable(text),
  workflowId: text,
  title: text,
  phase: text,
  source: text,
  identity: text,
  severity: z.looseObject({ now: severity, highest: severity, guessed: z.boolean(), entries: z.array(timelineEntry) }),
  policy: z.looseObject({ digest: text, today: nullable(text), differs: z.array(text) }).nullable(),
  paged: z.array(
    z.looseObject({
      at: time,
      to: text,
      method: text,
      key: text,
      state: z.enum(['accepted', 'failed']),
      kind: z.enum(['page', 'notification', 'fallback', 'other']),
      why: text,
    }),
  ),
  next: z.array(z.looseObject({ kind: text, at: time, text })),
  paging: z.looseObject({ state: text, waiting: z.array(z.looseObject({})) }).nullable(),
  nobodyElse: text,
});
