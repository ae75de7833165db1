/** Looking at one incident and commanding it. Every command of `domain/commands.ts` is a route, by its name in kebab-case. */
import { kebab } from '../../domain/text.ts';
import { COMMANDS, readCommand, type Command, type CommandType } from '../../domain/commands.ts';
import type { IncidentView } from '../../domain/view.ts';
import type { AppDeps } from '../deps.ts';
import { Refused, Unavailable, UnknownIncident } from '../gateway.ts';
import { invalid } from '../http/problem.ts';
import { readQuery } from '../http/query.ts';
import type { Answer, Incoming, Route } from '../http/route.ts';
import type { Reader, Wanted } from '../reading/reader.ts';
import type { Subject } from '../reading/subject.ts';
import type { CommandAnswer } from '../../workflows/contract.ts';
import { insistOnAction, unknownName } from './known.ts';
import { withTarget } from './merge-target.ts';
import { present } from './present.ts';
import { readQuerySchema } from './queries.ts';
import { bearerOf, requestIdOf, actorFor } from './actor.ts';

export function incidentRoutes(deps: AppDeps, reader: Reader): readonly Route[] {
  const commands = Object.keys(COMMANDS) as CommandType[];
  return [
    { ...reading, path: '/api/v1/incidents/:id', handle: (incoming) => show(deps, reader, incoming) },
    { ...reading, path: '/api/v1/incidents/:id/timeline', handle: (incoming) => timeline(reader, incoming) },
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

const reading = { method: 'GET', access: 'viewer', body: 'none' } as const;

const wantedOf = ({ req, params }: Incoming): Wanted => ({
  ...readQuery(req, readQuerySchema),
  id: params['id'] ?? '',
});

async function show({ config }: AppDeps, reader: Reader, incoming: Incoming): Promise<Answer> {
  return { status: 200, json: present(config(), await reader.incident(wantedOf(incoming))) };
}

async function timeline(reader: Reader, incoming: Incoming): Promise<Answer> {
  return { status: 200, json: await reader.timeline(wantedOf(incoming)) };
}

interface Said {
  readonly type: CommandType;
  readonly incoming: Incoming;
}

async function runCommand(deps: AppDeps, reader: Reader, said: Said): Promise<Answer> {
  const command = await withTarget(commandOf(deps, said), { reader, gateway: deps.gateway });
  const subject = await reader.subject(said.incoming.params['id'] ?? '');
  const { workflowId } = subject;
  said.incoming.noted?.({ workflowId, incidentId: subject.incidentId });
  const answer = await tell(deps, subject, command);
  if (answer !== 'pending') said.incoming.noted?.({ changed: answer.changed });
  const { type, by, requestId } = command;
  deps.log.info(
    { workflowId, command: type, by, requestId, answer: answer === 'pending' ? answer : answer.text },
    'command',
  );
  if (answer === 'pending') return { status: 202, json: { workflowId, pending: true } };
  const view = await shown(deps, subject);
  if (view !== null) said.incoming.noted?.({ incidentId: subject.incidentId ?? view.id });
  reader.note({ workflowId, incidentId: view?.id ?? subject.incidentId, seq: answer.seq });
  const incident = view === null ? {} : present(deps.config(), view);
  return { status: 200, json: { ...incident, workflowId, ...answer } };
}

/** Throws `HttpProblem` for a command that cannot be read, or names what nobody defined. */
function commandOf({ config: configNow, log }: AppDeps, { type, incoming }: Said): Command {
  const config = configNow();
  const said = incoming.body;
  if (typeof said !== 'object' || said === null || Array.isArray(said)) {
    throw invalid([{ at: '', message: 'expected an object of arguments' }]);
  }
  const requestId = requestIdOf(incoming);
  const by = actorFor({ bearer: bearerOf(incoming), by: 'by' in said ? said.by : undefined, config, log });
  incoming.noted?.({ by, requestId });
  const read = readCommand(type, { ...said, by, requestId });
  if ('problems' in read) throw invalid(read.problems);
  const unknown = unknownName(config, read.command);
  if (unknown) throw invalid([unknown]);
  insistOnAction(config, read.command);
  return read.command;
}

/** An id that means one incident means it for good: a newer one in its place must not be told. */
async function tell(
  { gateway }: AppDeps,
  { workflowId, incidentId }: Subject,
  command: Command,
): Promise<CommandAnswer | 'pending'> {
  if (incidentId === null) return gateway.command(workflowId, command);
  if (command.incidentId !== undefined && command.incidentId !== incidentId) {
    throw invalid([{ at: 'incidentId', message: 'the incident of this address is another: leave it out' }]);
  }
  try {
    return await gateway.command(workflowId, { ...command, incidentId });
  } catch (error) {
    // The records know it, so it was there.
    if (error instanceof UnknownIncident) throw new Refused(FORGOTTEN);
    throw error;
  }
}

const FORGOTTEN = {
  reason: 'the incident is over, and nothing can be done about it any more',
  phase: 'closed',
  allowed: [],
} as const;

/** It is done, whether or not it can be shown: a failing look must not make it look undone. */
async function shown({ gateway }: AppDeps, { workflowId, incidentId }: Subject): Promise<IncidentView | null> {
  try {
    return await (incidentId === null ? gateway.show(workflowId) : gateway.show(workflowId, incidentId));
  } catch (error) {
    if (error instanceof Unavailable || error instanceof UnknownIncident) return null;
    throw error;
  }
}
