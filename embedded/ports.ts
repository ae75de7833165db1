/** Ports on this machine: whether one is free, and finding one that is. */
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { EXIT_UNAVAILABLE, ExitError } from '../runtime/process.ts';
import type { Log } from '../runtime/log.ts';
import { ATTRIBUTE_TYPES } from '../worker/search-attributes.ts';

const LOOPBACK = '127.0.0.1';

export interface Claim {
  readonly purpose: string;
  /** The variable that chooses another. */
  readonly setting: string;
  readonly host?: string;
}

/** `wanted`, or a free port when it is 0. Throws `ExitError` (69) when somebody listens there. */
export async function claimPort(wanted: number, { purpose, setting, host }: Claim): Promise<number> {
  const port = await listenOnce(wanted, host);
  if (port !== null) return port;
  throw new ExitError(
    EXIT_UNAVAILABLE,
    `port ${wanted}, meant for ${purpose}, is taken by another program`,
    `stop that program, or choose another port with ${setting}.`,
  );
}

export const freePort = async (): Promise<number> => (await listenOnce(0)) ?? Promise.reject(new Error('no free port'));

/** Null when it is taken. Binding finds also listeners that accept nothing any more. */
export function listenOnce(port: number, host = LOOPBACK): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }: NodeJS.ErrnoException) => {
      // Anything but "taken" is for the real listener to explain.
      resolve(code === 'EADDRINUSE' ? null : port);
    });
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}

const SERVICE = 'temporal.api.workflowservice.v1.WorkflowService';
const SERVING = 1;
const RETENTION_SECONDS = 30 * 24 * 3600;

export interface Serving {
  readonly address: string;
  readonly withinMs: number;
  /** Asked between attempts; a text ends the waiting with that reason. */
  readonly ended: () => string | null;
}

/** A connection to the server once it is serving. The caller closes it. */
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

/** Idempotent. Missing attributes are a warning, not a failure: paging works without them. */
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
