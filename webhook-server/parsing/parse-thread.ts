/**
 * The parsing thread: reads large messages, so that no request waits while ten thousand alerts are parsed. It is an
 * entry of its own for the compiler, and loaded by `parse-client.ts` from its file.
 */
import { parentPort } from 'node:worker_threads';
import type { Config } from '../../config/config.ts';
import type { RoutedAlerts } from '../gateway.ts';
import { HttpProblem } from '../http/problem.ts';
import { piecesOf } from './pieces.ts';
import type { FromThread, LightRoutedAlerts, Refused, ToThread } from './protocol.ts';
import { NOTHING_ASIDE, readMessage } from './read-message.ts';

let config: Config | null = null;
let pieces: Iterator<readonly RoutedAlerts[], undefined> = [][Symbol.iterator]();
let aside = NOTHING_ASIDE;
let ahead: IteratorResult<readonly RoutedAlerts[], undefined> = { done: true, value: undefined };

const say = (told: FromThread): void => parentPort?.postMessage(told);

parentPort?.on('message', (told: ToThread) => {
  const { id } = told;
  try {
    if ('read' in told) {
      config = told.config ?? config;
      if (config === null) throw new TypeError('no configuration');
      const reading = readMessage(told.read, config);
      pieces = piecesOf(reading.routedAlerts);
      aside = reading.aside;
      ahead = pieces.next();
    }
    const { value } = ahead;
    ahead = ahead.done ? ahead : pieces.next();
    say({ id, piece: (value ?? []).map(withoutPolicy), last: ahead.done === true, aside });
  } catch (error) {
    if (error instanceof HttpProblem) say({ id, refused: inWords(error) });
    else say({ id, failed: error instanceof Error ? error.message : String(error) });
  }
});

function withoutPolicy({ opening: { policy: _policy, ...opening }, ...rest }: RoutedAlerts): LightRoutedAlerts {
  return { ...rest, opening };
}

function inWords({ status, message, extras }: HttpProblem): Refused {
  return { status, detail: message, reason: extras.reason ?? null, problems: extras.problems ?? [] };
}
