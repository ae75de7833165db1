/**
 * The parsing thread: reads large messages, so that no request waits while ten thousand alerts are parsed. It is an
 * entry of its own for the compiler, and loaded by `parse-client.ts` from its file.
 */
import { parentPort } from 'node:worker_threads';
import type { Config } from '../../../config/config.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';
import { HttpProblem } from '../../http/problem.ts';
import { splitIntoPieces } from './split-into-pieces.ts';
import type { ParseResponse, RoutedAlertsWithoutPolicy, RefusedMessageReply, ParseRequest } from './thread-protocol.ts';
import { NO_EXTRAS, parseMessage } from './parse-message.ts';

let config: Config | null = null;
let pieces: Iterator<readonly RoutedAlerts[], undefined> = [][Symbol.iterator]();
let extras = NO_EXTRAS;
let nextPiece: IteratorResult<readonly RoutedAlerts[], undefined> = { done: true, value: undefined };

const reply = (response: ParseResponse): void => parentPort?.postMessage(response);

parentPort?.on('message', (request: ParseRequest) => {
  const { id } = request;
  try {
    if ('read' in request) {
      config = request.config ?? config;
      if (config === null) throw new TypeError('no configuration');
      const reading = parseMessage(request.read, config);
      pieces = splitIntoPieces(reading.routedAlerts);
      extras = reading.extras;
      nextPiece = pieces.next();
    }
    const { value } = nextPiece;
    nextPiece = nextPiece.done ? nextPiece : pieces.next();
    reply({ id, piece: (value ?? []).map(withoutPolicy), last: nextPiece.done === true, extras });
  } catch (error) {
    if (error instanceof HttpProblem) reply({ id, refused: toReply(error) });
    else reply({ id, failed: error instanceof Error ? error.message : String(error) });
  }
});

function withoutPolicy({
  declaration: { policy: _policy, ...declaration },
  ...rest
}: RoutedAlerts): RoutedAlertsWithoutPolicy {
  return { ...rest, declaration };
}

function toReply({ status, message, extras }: HttpProblem): RefusedMessageReply {
  return { status, detail: message, reason: extras.reason ?? null, problems: extras.problems ?? [] };
}
