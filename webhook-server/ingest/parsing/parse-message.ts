/**
 * From a body's bytes to routed alerts: all that costs processor time for each alert, in one function, so that it can be
 * done in this process or in a thread, with the same outcome. Pure but for the incidents' ULIDs.
 */
import type { Config } from '../../../config/config.ts';
import type { SourceName } from '../../../config/sections/sources.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';
import { parseJson } from '../../http/body.ts';
import { HttpProblem, invalidRequest } from '../../http/problem.ts';
import { toRoutedAlerts } from '../route-and-group.ts';
import { parserFor } from '../sources/index.ts';
import { watchdogBeats, type WatchdogBeat } from '../sources/watchdog.ts';

/** A message as it came. Everything in it can be cloned into a thread. */
export interface ReceivedBody {
  readonly bytes: Uint8Array;
  readonly source: SourceName;
  /** Epoch ms. */
  readonly receivedAt: number;
}

/** What a message says beside its routed alerts. */
export interface MessageExtras {
  readonly beats: readonly WatchdogBeat[];
  /** Alerts of which nothing follows: severity `none`, monitoring's watch over itself, rules that do not fire yet. */
  readonly ignored: number;
  /** Entries among the alerts that are no alerts. */
  readonly unreadable: number;
}

export const NO_EXTRAS: MessageExtras = { beats: [], ignored: 0, unreadable: 0 };

export interface ParsedMessage {
  readonly routedAlerts: readonly RoutedAlerts[];
  readonly extras: MessageExtras;
}

/** Whose `Watchdog` is believed: any other sender's token must not hide a dead Prometheus. */
const WATCHDOG_SOURCES: readonly SourceName[] = ['alertmanager', 'grafana'];

/** Throws `HttpProblem` (400, or 404 for a source that is not configured). */
export function parseMessage({ bytes, source, receivedAt }: ReceivedBody, config: Config): ParsedMessage {
  const setting = config.sources.get(source);
  if (!setting) throw new HttpProblem(404, `the source ${source} is not configured`);
  const parsed = parserFor(source, setting)(
    parseJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
    receivedAt,
  );
  if ('problems' in parsed) throw invalidRequest(parsed.problems, `this is no message of ${source} that can be read`);
  const { messages, ignored = 0, unreadable = 0 } = parsed;
  const routedAlerts = toRoutedAlerts(messages, { config, source, receivedAt });
  const read = messages.reduce((sum, { alerts }) => sum + alerts.length, 0);
  const reported = routedAlerts.reduce((sum, { alerts }) => sum + alerts.length, 0);
  const extras = {
    beats: WATCHDOG_SOURCES.includes(source) ? watchdogBeats(messages, receivedAt) : [],
    ignored: ignored + Math.max(0, read - reported),
    unreadable,
  };
  return { routedAlerts, extras };
}
