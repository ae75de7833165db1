/**
 * Reads the messages of senders: small ones on the spot, large ones in a thread. Either way the routed alerts come in
 * pieces, with a turn of the event loop between two of them.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from '../../config/config.ts';
import type { RoutedAlerts } from '../gateway.ts';
import { createParseClient, parseThreadFile } from './parse-client.ts';
import { piecesOf } from './pieces.ts';
import { readMessage, type Aside, type Sent } from './read-message.ts';

/** Read on the spot, a body of this size takes about 15 ms. */
export const LARGE_BODY = 256 * 1024;

export interface Parsing {
  /**
   * The routed alerts of one message, and at the end what it says beside them. Nothing has been given out when it throws `HttpProblem`: 400 for what cannot be read,
   * 503 when too many large messages wait, or one takes too long.
   */
  read(sent: Sent, config: Config): AsyncGenerator<readonly RoutedAlerts[], Aside>;
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
    read: (sent, config) =>
      client !== null && sent.bytes.length > LARGE_BODY ? client.read(sent, config) : onTheSpot(sent, config),
    close: async () => client?.close(),
  };
}

async function* onTheSpot(sent: Sent, config: Config): AsyncGenerator<readonly RoutedAlerts[], Aside> {
  const { routedAlerts, aside } = readMessage(sent, config);
  let first = true;
  for (const piece of piecesOf(routedAlerts)) {
    if (!first) await turn();
    first = false;
    yield piece;
  }
  return aside;
}
