/**
 * Reads the messages of senders: small ones on the spot, large ones in a thread. Either way the routed alerts come in
 * pieces, with a turn of the event loop between two of them.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from '../../../config/config.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';
import { createParseClient, parseThreadFile } from './parse-client.ts';
import { splitIntoPieces } from './split-into-pieces.ts';
import { parseMessage, type MessageExtras, type ReceivedBody } from './parse-message.ts';

/** Read on the spot, a body of this size takes about 15 ms. */
export const LARGE_BODY_BYTES = 256 * 1024;

export interface Parsing {
  /**
   * The routed alerts of one message, and at the end what it says beside them. Nothing has been given out when it throws `HttpProblem`: 400 for what cannot be read,
   * 503 when too many large messages wait, or one takes too long.
   */
  parse(received: ReceivedBody, config: Config): AsyncGenerator<readonly RoutedAlerts[], MessageExtras>;
  /** Ends the thread; what it reads is refused with a 503. */
  close(): Promise<void>;
}

export interface ParsingOptions {
  readonly log: Pick<Logger, 'warn' | 'error'>;
  /** The thread's compiled file; null where there is none (uncompiled sources): everything is read on the spot. */
  readonly threadFile?: string | null;
}

export function createParsing({ log, threadFile = parseThreadFile() }: ParsingOptions): Parsing {
  const client = threadFile === null ? null : createParseClient({ log, file: threadFile });
  return {
    parse: (received, config) =>
      client !== null && received.bytes.length > LARGE_BODY_BYTES
        ? client.parse(received, config)
        : parseInProcess(received, config),
    close: async () => client?.close(),
  };
}

async function* parseInProcess(
  received: ReceivedBody,
  config: Config,
): AsyncGenerator<readonly RoutedAlerts[], MessageExtras> {
  const { routedAlerts, extras } = parseMessage(received, config);
  let first = true;
  for (const piece of splitIntoPieces(routedAlerts)) {
    if (!first) await turn();
    first = false;
    yield piece;
  }
  return extras;
}
