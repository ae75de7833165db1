/** The CPU-bound stages, on the bytes of a body, in this process or in a thread; and their result in pieces. */
import type { Config } from '../../../config/config.ts';
import type { SourceName } from '../../../config/sections/sources.ts';
import { parseJson } from '../../http/body.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';
import { readMessage, type ReadMessage } from '../pipeline.ts';

/** A message as received. All of it can be cloned into a thread. */
export interface ReceivedBody {
  readonly bytes: Uint8Array;
  readonly source: SourceName;
  /** Epoch ms. */
  readonly receivedAt: number;
}

/** What a message says apart from its routed alerts. */
export type MessageExtras = Omit<ReadMessage, 'routedAlerts'>;

/** Throws as `readMessage` does, and 400 for invalid JSON. */
export function readBody({ bytes, source, receivedAt }: ReceivedBody, config: Config): ReadMessage {
  const body = parseJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return readMessage(body, { config, source, receivedAt });
}

/** About a quarter of a megabyte: delivering it takes a few milliseconds. */
const ALERTS_A_PIECE = 250;
/** Each includes a declaration. */
const ROUTED_A_PIECE = 100;

/**
 * Routed alerts in pieces that can be delivered one after another without blocking the event loop. Pieces of one
 * incident share its declaration. Pure.
 */
export function* splitIntoPieces(routedAlerts: readonly RoutedAlerts[]): Generator<readonly RoutedAlerts[], undefined> {
  let piece: RoutedAlerts[] = [];
  let alerts = 0;
  for (const part of routedAlerts.flatMap(splitLargeGroup)) {
    if (piece.length > 0 && (alerts + part.alerts.length > ALERTS_A_PIECE || piece.length === ROUTED_A_PIECE)) {
      yield piece;
      piece = [];
      alerts = 0;
    }
    piece.push(part);
    alerts += part.alerts.length;
  }
  if (piece.length > 0) yield piece;
}

/** Firing alerts go first, so that it never looks as if all had resolved. */
function splitLargeGroup(routed: RoutedAlerts): readonly RoutedAlerts[] {
  const { alerts } = routed;
  if (alerts.length <= ALERTS_A_PIECE) return [routed];
  const isFiring = ({ status }: { readonly status: string }): boolean => status === 'firing';
  const ordered = [...alerts.filter(isFiring), ...alerts.filter((alert) => !isFiring(alert))];
  const starts = Array.from({ length: Math.ceil(ordered.length / ALERTS_A_PIECE) }, (_, n) => n * ALERTS_A_PIECE);
  return starts.map((start) => ({ ...routed, alerts: ordered.slice(start, start + ALERTS_A_PIECE) }));
}
