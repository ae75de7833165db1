/** `merge` names its target as people name incidents; the workflow is told its workflow id. */
import type { Command } from '../../domain/kernel/commands.ts';
import { UnknownIncident, type IncidentsGateway } from '../incidents/gateway.ts';
import { HttpProblem } from '../http/problem.ts';
import type { IncidentReader } from '../incidents/incident-reader.ts';

interface MergeTargetSources {
  readonly reader: Pick<IncidentReader, 'resolve'>;
  readonly gateway: Pick<IncidentsGateway, 'show'>;
}

/**
 * The command with `into` as a workflow id; any other command as it is. Whether the target may be merged into is for
 * the incident to judge. Throws `HttpProblem`: 404 when there is no such incident, 409 when its workflow id means a
 * newer one by now; and what reading throws.
 */
export async function withMergeTarget(command: Command, { reader, gateway }: MergeTargetSources): Promise<Command> {
  if (command.type !== 'merge') return command;
  try {
    const { workflowId, incidentId } = await reader.resolve(command.into);
    const target = await gateway.show(workflowId);
    const isMeant = incidentId === null || incidentId === target.id || target.aliases?.includes(incidentId) === true;
    if (!isMeant) throw problem(409, 'the incident to merge into is over, and a newer one has its place');
    return { ...command, into: workflowId };
  } catch (error) {
    const isUnknown = error instanceof UnknownIncident || (error instanceof HttpProblem && error.status === 404);
    throw isUnknown ? problem(404, 'no such incident to merge into') : error;
  }
}

const problem = (status: number, message: string): HttpProblem =>
  new HttpProblem(status, message, { problems: [{ at: 'into', message }] });
