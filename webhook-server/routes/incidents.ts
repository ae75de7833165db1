/** Looking at one incident and commanding it. Every command of `domain/commands.ts` is a route, by its name in kebab-case. */
import { COMMANDS, readCommand, type CommandType } from '../../domain/commands.ts';
import type { AppDeps } from '../deps.ts';
import { Unavailable, UnknownIncident } from '../gateway.ts';
import { HttpProblem, invalid } from '../http/problem.ts';
import type { Answer, Incoming, Route } from '../http/route.ts';
import { unknownName } from './known.ts';
import { present } from './present.ts';
import { bearerOf, requestIdOf, whoSpeaks } from './speaker.ts';

/** `declareFalseAlarm` → `declare-false-alarm`. */
export const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

export function incidentRoutes(deps: AppDeps): readonly Route[] {
  const commands = Object.keys(COMMANDS) as CommandType[];
  return [
    { ...reading, path: '/api/v1/incidents/:id', handle: (incoming) => show(deps, incoming) },
    { ...reading, path: '/api/v1/incidents/:id/timeline', handle: (incoming) => timeline(deps, incoming) },
    ...commands.map((type): Route => ({
      method: 'POST',
      path: `/api/v1/incidents/:id/${kebab(type)}`,
      access: 'responder',
      body: 'optional',
      handle: (incoming) => command(deps, type, incoming),
    })),
  ];
}

const reading = { method: 'GET', access: 'viewer', body: 'none' } as const;

async function show({ config, gateway }: AppDeps, incoming: Incoming): Promise<Answer> {
  return { status: 200, json: present(config(), await gateway.show(idOf(incoming))) };
}

async function timeline({ gateway }: AppDeps, incoming: Incoming): Promise<Answer> {
  return { status: 200, json: await gateway.timeline(idOf(incoming)) };
}

async function command(deps: AppDeps, type: CommandType, incoming: Incoming): Promise<Answer> {
  const { gateway, log } = deps;
  const config = deps.config();
  const workflowId = idOf(incoming);
  const said = incoming.body;
  if (typeof said !== 'object' || said === null || Array.isArray(said)) {
    throw invalid([{ at: '', message: 'expected an object of arguments' }]);
  }
  const requestId = requestIdOf(incoming);
  const by = whoSpeaks({ bearer: bearerOf(incoming), by: 'by' in said ? said.by : undefined, config, log });
  const read = readCommand(type, { ...said, by, requestId });
  if ('problems' in read) throw invalid(read.problems);
  const unknown = unknownName(config, read.command);
  if (unknown) throw invalid([unknown]);

  const answer = await gateway.command(workflowId, read.command);
  log.info(
    { workflowId, command: type, by, requestId, answer: answer === 'pending' ? answer : answer.text },
    'command',
  );
  if (answer === 'pending') return { status: 202, json: { workflowId, pending: true } };
  return { status: 200, json: { ...(await shown(deps, workflowId)), workflowId, ...answer } };
}

/** It is done, whether or not it can be shown: a failing look must not make it look undone. */
async function shown({ config, gateway }: AppDeps, workflowId: string): Promise<object> {
  try {
    return present(config(), await gateway.show(workflowId));
  } catch (error) {
    if (error instanceof Unavailable || error instanceof UnknownIncident) return {};
    throw error;
  }
}

const WORKFLOW_ID = /^inc-[a-z0-9-]{1,60}$/;

function idOf({ params }: Incoming): string {
  const id = params['id'] ?? '';
  if (WORKFLOW_ID.test(id)) return id;
  if (/^INC-(\d{4}-)?\d{1,9}$/.test(id)) {
    throw new HttpProblem(404, 'incidents have no numbers before there are records: use the workflowId (inc-…)');
  }
  throw new HttpProblem(404, 'no such incident');
}
