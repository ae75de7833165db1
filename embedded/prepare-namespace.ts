/** What a fresh development server lacks: a long retention of closed incidents, and the search attributes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import type { Log } from '../runtime/log.ts';
import { ATTRIBUTE_TYPES } from '../worker/search-attributes.ts';

const SERVICE = 'temporal.api.workflowservice.v1.WorkflowService';
const SERVING = 1;
const RETENTION_SECONDS = 30 * 24 * 3600;

export interface Serving {
  readonly address: string;
  readonly withinMs: number;
  /** Asked between attempts; a text ends the waiting with that reason. */
  readonly ended: () => string | null;
}

/** A connection to the server once it says that it serves. The caller closes it. */
export async function untilServing({ address, withinMs, ended }: Serving): Promise<Connection> {
  const deadline = Date.now() + withinMs;
  let reason = 'no answer';
  while (Date.now() < deadline) {
    const end = ended();
    if (end !== null) throw new Error(end);
    try {
      const connection = await Connection.connect({ address, connectTimeout: 1000 });
      const { status } = await connection.healthService.check({ service: SERVICE });
      if ((status as number) === SERVING) return connection;
      await connection.close();
    } catch (error) {
      reason = (error as Error).message;
    }
    await sleep(50);
  }
  throw new Error(`the Temporal server at ${address} does not serve after ${withinMs / 1000} s (${reason})`);
}

/** Idempotent. Missing attributes are a warning, not a failure: paging goes on without them. */
export async function prepareNamespace(connection: Connection, namespace: string, log: Log): Promise<void> {
  await keepForAMonth(connection, namespace);
  const missing = await missingAttributes(connection, namespace);
  if (Object.keys(missing).length === 0) return;
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: missing });
  } catch (error) {
    log.warn({ attributes: Object.keys(missing), err: error }, 'search attributes could not be added');
  }
}

/** The default is one day, after which closed incidents vanish from the UI and their ids are forgotten. */
async function keepForAMonth({ workflowService }: Connection, namespace: string): Promise<void> {
  const { config } = await workflowService.describeNamespace({ namespace });
  if (Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) === RETENTION_SECONDS) return;
  const retention = { workflowExecutionRetentionTtl: { seconds: RETENTION_SECONDS } };
  // `seconds` is a 64-bit number on the wire, for which the generated type wants a class of its own.
  await workflowService.updateNamespace({ namespace, config: retention } as never);
}

async function missingAttributes(connection: Connection, namespace: string): Promise<Record<string, number>> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return Object.fromEntries(Object.entries(ATTRIBUTE_TYPES).filter(([name]) => customAttributes[name] === undefined));
}
