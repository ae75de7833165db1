/** Looking at one incident and commanding it. Every command of `domain/kernel/commands.ts` is a route, by its name in kebab-case. */
import { kebab } from '../../domain/kernel/text.ts';
import { COMMANDS, readCommand, type Command, type CommandType } from '../../domain/kernel/commands.ts';
import type { IncidentView } from '../../domain/engine/view.ts';
import type { AppDeps } from '../dependencies.ts';
import { CommandRefused, IncidentsUnavailable, UnknownIncident } from '../incidents/gateway.ts';
import { invalidRequest } from '../http/problem.ts';
import { readQuery } from '../http/query.ts';
import type { RouteResponse, RouteRequest, Route } from '../http/route.ts';
import type { IncidentReader, IncidentReadRequest } from '../incidents/incident-reader.ts';
import type { IncidentRef } from '../incidents/incident-ref.ts';
import type { CommandAnswer } from '../../workflows/contract.ts';
import { requireConfiguredAction, unknownName } from './configured-names.ts';
import { withMergeTarget } from './merge-target.ts';
import { incidentJson } from './incident-json.ts';
import { readQuerySchema } from './query-schemas.ts';
import { bearerOf, requestIdOf, actorFor } from './request-actor.ts';

export function incidentRoutes(deps: AppDeps, reader: IncidentReader): readonly Route[] {
  const commands = Object.keys(COMMANDS) as CommandType[];
  return [
    { ...readRoute, path: '/api/v1/incidents/:id', handle: (incoming) => showIncident(deps, reader, incoming) },
    { ...readRoute, path: '/api/v1/incidents/:id/timeline', handle: (incoming) => showTimeline(reader, incoming) },
    ...commands.map((type): Route => ({
      method: 'POST',
      path: `/api/v1/incidents/:id/${kebab(type)}`,
      access: 'responder',
      body: 'optional',
      audited: { command: type },
      handle: (incoming) => runCommand(deps, reader, { type, incoming }),
    })),
  ];
}

const readRoute = { method: 'GET', access: 'viewer', body: 'none' } as const;

const readRequestOf = ({ req, params }: RouteRequest): IncidentReadRequest => ({
  ...readQuery(req, readQuerySchema),
  id: params['id'] ?? '',
});

async function showIncident(
  { config }: AppDeps,
  reader: IncidentReader,
  incoming: RouteRequest,
): Promise<RouteResponse> {
  return { status: 200, json: incidentJson(config(), await reader.incident(readRequestOf(incoming))) };
}

async function showTimeline(reader: IncidentReader, incoming: RouteRequest): Promise<RouteResponse> {
  return { status: 200, json: await reader.timeline(readRequestOf(incoming)) };
}

interface CommandRequest {
  readonly type: CommandType;
  readonly incoming: RouteRequest;
}

async function runCommand(deps: AppDeps, reader: IncidentReader, request: CommandRequest): Promise<RouteResponse> {
  const command = await withMergeTarget(commandOf(deps, request), { reader, gateway: deps.gateway });
  const incidentRef = await reader.resolve(request.incoming.params['id'] ?? '');
  const { workflowId } = incidentRef;
  request.incoming.addAuditContext?.({ workflowId, incidentId: incidentRef.incidentId });
  const answer = await sendCommand(deps, incidentRef, command);
  if (answer !== 'pending') request.incoming.addAuditContext?.({ changed: answer.changed });
  const { type, by, requestId } = command;
  deps.log.info(
    { workflowId, command: type, by, requestId, answer: answer === 'pending' ? answer : answer.text },
    'command',
  );
  if (answer === 'pending') return { status: 202, json: { workflowId, pending: true } };
  const view = await showOrNull(deps, incidentRef);
  if (view !== null) request.incoming.addAuditContext?.({ incidentId: incidentRef.incidentId ?? view.id });
  reader.noteReported({ workflowId, incidentId: view?.id ?? incidentRef.incidentId, seq: answer.seq });
  const incident = view === null ? {} : incidentJson(deps.config(), view);
  return { status: 200, json: { ...incident, workflowId, ...answer } };
}

/** Throws `HttpProblem` for a command that cannot be read, or names what nobody defined. */
function commandOf({ config: configNow, log }: AppDeps, { type, incoming }: CommandRequest): Command {
  const config = configNow();
  const body = incoming.body;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalidRequest([{ at: '', message: 'expected an object of arguments' }]);
  }
  const requestId = requestIdOf(incoming);
  const by = actorFor({ bearer: bearerOf(incoming), by: 'by' in body ? body.by : undefined, config, log });
  incoming.addAuditContext?.({ by, requestId });
  const read = readCommand(type, { ...body, by, requestId });
  if ('problems' in read) throw invalidRequest(read.problems);
  const unknown = unknownName(config, read.command);
  if (unknown) throw invalidRequest([unknown]);
  requireConfiguredAction(config, read.command);
  return read.command;
}

/** An id that means one incident means it for good: a newer one in its place must not be told. */
async function sendCommand(
  { gateway }: AppDeps,
  { workflowId, incidentId }: IncidentRef,
  command: Command,
): Promise<CommandAnswer | 'pending'> {
  if (incidentId === null) return gateway.command(workflowId, command);
  if (command.incidentId !== undefined && command.incidentId !== incidentId) {
    throw invalidRequest([{ at: 'incidentId', message: 'the incident of this address is another: leave it out' }]);
  }
  try {
    return await gateway.command(workflowId, { ...command, incidentId });
  } catch (error) {
    // The records know it, so it was there.
    if (error instanceof UnknownIncident) throw new CommandRefused(INCIDENT_OVER);
    throw error;
  }
}

const INCIDENT_OVER = {
  reason: 'the incident is over, and nothing can be done about it any more',
  phase: 'closed',
  allowed: [],
} as const;

/** It is done, whether or not it can be shown: a failing look must not make it look undone. */
async function showOrNull({ gateway }: AppDeps, { workflowId, incidentId }: IncidentRef): Promise<IncidentView | null> {
  try {
    return await (incidentId === null ? gateway.show(workflowId) : gateway.show(workflowId, incidentId));
  } catch (error) {
    if (error instanceof IncidentsUnavailable || error instanceof UnknownIncident) return null;
    throw error;
  }
}
