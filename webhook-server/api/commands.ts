/** The commands of an incident: a route for each row of the table in domain/kernel/commands.ts, by its name in kebab-case. */
import { z } from 'zod';
import type { Config } from '../../config/config.ts';
import {
  COMMAND_TYPES,
  COMMANDS,
  fieldsOf,
  readCommand,
  type Command,
  type CommandType,
  type Problem,
} from '../../domain/kernel/commands.ts';
import type { IncidentView } from '../../domain/engine/view.ts';
import { TEXT_LIMIT, wordsOf, type Field } from '../../domain/kernel/fields.ts';
import { PHASES } from '../../domain/kernel/phase.ts';
import { kebab } from '../../domain/kernel/text.ts';
import type { CommandAnswer } from '../../workflows/contract.ts';
import type { AppDeps } from '../dependencies.ts';
import { HttpProblem, invalidRequest } from '../http/problem.ts';
import { defineRoute, type RouteResponse, type RouteRequest, type Route } from '../http/route.ts';
import type { IncidentsGateway } from '../incidents/gateway.ts';
import { CommandRefused } from '../incidents/send-command.ts';
import { IncidentsUnavailable, UnknownIncident } from '../incidents/incident-queries.ts';
import type { IncidentReader, IncidentRef } from '../incidents/incident-reader.ts';
import { count, NAMED_SCHEMAS, text } from './common-schemas.ts';
import { incidentJson, incidentSchema } from './incident-json.ts';
import { actorFor, joinNames, requestIdOf, unknownPerson } from './request-actor.ts';

/** Accepted and kept in the spool while Temporal is down. */
const DURABLE: readonly CommandType[] = ['acknowledge', 'resolve', 'addNote'];

export function commandRoutes(deps: AppDeps, reader: IncidentReader): readonly Route[] {
  return COMMAND_TYPES.map((type) =>
    defineRoute({
      method: 'POST',
      path: `/api/v1/incidents/:id/${kebab(type)}`,
      summary: capitalize(COMMANDS[type].summary),
      access: 'responder',
      body: 'optional',
      inputShape: commandBodySchema(type),
      output: { 200: commandDone, ...(DURABLE.includes(type) ? { 202: commandPending } : {}) },
      audited: { command: type },
      handle: (incoming) => runCommand(deps, reader, { type, incoming }),
    }),
  );
}

const capitalize = (summary: string): string => summary.charAt(0).toUpperCase() + summary.slice(1);

export const commandAnswerSchema = z.looseObject({
  changed: z.boolean().describe('false: the effect held already, or the same request came before'),
  text: text.describe('what happened, in a sentence'),
  phase: z.enum(PHASES),
  seq: count,
}) satisfies z.ZodType<CommandAnswer>;

/** The answer, and the incident where it can be shown. */
const commandDone = incidentSchema
  .partial()
  .extend(commandAnswerSchema.shape)
  .register(NAMED_SCHEMAS, { name: 'CommandDone' });

export const commandPending = z
  .looseObject({ workflowId: text, pending: z.literal(true) })
  .register(NAMED_SCHEMAS, { name: 'CommandPending' });

const boundedText = z.string().min(1).max(TEXT_LIMIT);

const FIELD_SCHEMAS: Readonly<Record<Extract<Field['is'], string>, z.ZodType>> = {
  text: boundedText,
  texts: z.array(boundedText).max(100),
  count: z.int().min(0),
  flag: z.boolean(),
  amount: z.union([z.string().min(1).max(100), z.number()]),
  day: z.iso.date(),
  address: z.url(),
  values: z.record(z.string(), z.string().max(1000)),
};

/** Describes what `readCommand` takes from the body. */
export function commandBodySchema(type: CommandType): z.ZodType {
  const fields = Object.entries(fieldsOf(type)).map(([name, field]): [string, z.ZodType] => {
    const { is, optional, about } = field;
    const schema = typeof is === 'string' ? FIELD_SCHEMAS[is] : z.enum(wordsOf(field));
    return [name, (optional ? schema.nullish() : schema).describe(about)];
  });
  return z.strictObject({
    ...Object.fromEntries(fields),
    incidentId: boundedText.optional().describe('refused when another incident has taken its place'),
    by: z.string().optional().describe('on behalf of this person; administrators only'),
  });
}

interface CommandRequest {
  readonly type: CommandType;
  readonly incoming: RouteRequest;
}

async function runCommand(deps: AppDeps, reader: IncidentReader, request: CommandRequest): Promise<RouteResponse> {
  const { params, addAuditContext } = request.incoming;
  const command = await withMergeTarget(commandOf(deps, request), reader, deps.gateway);
  const incidentRef = await reader.resolve(params['id'] ?? '');
  const { workflowId, incidentId } = incidentRef;
  addAuditContext?.({ workflowId, incidentId });
  const answer = await sendCommand(deps, incidentRef, command);
  if (answer !== 'pending') addAuditContext?.({ changed: answer.changed });
  const { type, by, requestId } = command;
  deps.log.info(
    { workflowId, command: type, by, requestId, answer: answer === 'pending' ? answer : answer.text },
    'command',
  );
  if (answer === 'pending') return { status: 202, json: { workflowId, pending: true } };
  const view = await showOrNull(deps, incidentRef);
  if (view !== null) addAuditContext?.({ incidentId: incidentId ?? view.id });
  reader.noteReported({ workflowId, incidentId: view?.id ?? incidentId, seq: answer.seq });
  const incident = view === null ? {} : incidentJson(deps.config(), view);
  return { status: 200, json: { ...incident, workflowId, ...answer } };
}

/** Throws `HttpProblem` for a command that cannot be read, or that uses an undefined name. */
function commandOf(deps: AppDeps, { type, incoming }: CommandRequest): Command {
  const { body } = incoming;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalidRequest([{ at: '', message: 'expected an object of arguments' }]);
  }
  const requestId = requestIdOf(incoming);
  const { by, byToken } = actorFor(incoming, 'by' in body ? body.by : undefined, deps);
  incoming.addAuditContext?.({ by, requestId });
  const read = readCommand(type, { ...body, by, byToken, requestId });
  if ('problems' in read) throw invalidRequest(read.problems);
  const config = deps.config();
  const unknown = unknownName(config, read.command);
  if (unknown) throw invalidRequest([unknown]);
  requireConfiguredAction(config, read.command);
  return read.command;
}

/** The first undefined name in `command`; null when all are known. */
function unknownName(config: Config, command: Command): Problem | null {
  if (command.type === 'assignRole') return unknownPerson(config, 'person', command.person);
  if (command.type === 'addActionItem') {
    return command.owner === undefined ? null : unknownPerson(config, 'owner', command.owner);
  }
  if (command.type !== 'escalate' || command.to === undefined) return null;
  const { people, teams } = config;
  if (people.has(command.to) || teams.has(command.to)) return null;
  return { at: 'to', message: `no such person or team; known: ${joinNames([...people.keys(), ...teams.keys()])}` };
}

/** Throws `HttpProblem` (422) for an action that the configuration does not have: no phase will ever allow it. */
function requireConfiguredAction({ actions }: Config, command: Command): void {
  if (command.type !== 'runAction' || actions.has(command.action)) return;
  const known = actions.size === 0 ? 'none is configured' : `known: ${joinNames(actions)}`;
  const message = `no such action; ${known}`;
  throw new HttpProblem(422, message, { problems: [{ at: 'action', message }], reason: 'not_configured' });
}

/**
 * `merge` names its target as people name incidents; the workflow gets its workflow id. Other commands stay as they
 * are. Whether the target may be merged into is for the incident to decide. Throws `HttpProblem`: 404 when there is no
 * such incident, 409 when its workflow id means a newer one by now; and what reading throws.
 */
async function withMergeTarget(command: Command, reader: IncidentReader, gateway: IncidentsGateway): Promise<Command> {
  if (command.type !== 'merge') return command;
  try {
    const { workflowId, incidentId } = await reader.resolve(command.into);
    const target = await gateway.show(workflowId);
    const isMeant = incidentId === null || incidentId === target.id || target.aliases?.includes(incidentId) === true;
    if (!isMeant) throw mergeProblem(409, 'the incident to merge into is over, and a newer one has its place');
    return { ...command, into: workflowId };
  } catch (error) {
    const isUnknown = error instanceof UnknownIncident || (error instanceof HttpProblem && error.status === 404);
    throw isUnknown ? mergeProblem(404, 'no such incident to merge into') : error;
  }
}

const mergeProblem = (status: number, message: string): HttpProblem =>
  new HttpProblem(status, message, { problems: [{ at: 'into', message }] });

/** An id that names one incident is final: a newer one of the same group must not get the command. */
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

/** The command is done, whether or not the incident can be shown: a failing look must not make it look undone. */
async function showOrNull({ gateway }: AppDeps, { workflowId, incidentId }: IncidentRef): Promise<IncidentView | null> {
  try {
    return await (incidentId === null ? gateway.show(workflowId) : gateway.show(workflowId, incidentId));
  } catch (error) {
    if (error instanceof IncidentsUnavailable || error instanceof UnknownIncident) return null;
    throw error;
  }
}
