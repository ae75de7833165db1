/**
 * The worker thread of parsing.ts: reads large messages, so that no request waits while ten thousand alerts are parsed.
 * A separate entry point for the compiler, loaded from its file.
 */
import { once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import type { Config } from '../../../config/config.ts';
import { HttpProblem, type ProblemExtras } from '../../http/problem.ts';
import { readBody, splitIntoPieces, type MessageExtras, type ReceivedBody } from './parsing.ts';

export interface ParseTask {
  readonly received: ReceivedBody;
  readonly config: Config;
  /** Sends the pieces one by one on request: a port delivers everything that has arrived at once. */
  readonly port: MessagePort;
}

/** An `HttpProblem` in a form that survives cloning. */
export interface RejectedBody {
  readonly rejected: { readonly status: number; readonly detail: string; readonly extras: ProblemExtras };
}

export default async function parseInThread({
  received,
  config,
  port,
}: ParseTask): Promise<MessageExtras | RejectedBody> {
  try {
    const { routedAlerts, ...extras } = readBody(received, config);
    for (const piece of splitIntoPieces(routedAlerts)) {
      const isAskedForMore = once(port, 'message');
      port.postMessage(piece);
      await isAskedForMore;
    }
    return extras;
  } catch (error) {
    if (!(error instanceof HttpProblem)) throw error;
    return { rejected: { status: error.status, detail: error.message, extras: error.extras } };
  } finally {
    port.close();
  }
}
