/**
 * Routed alerts cut into pieces that can be taken in one after the other without holding up anything else. Pieces of one
 * routed alerts have its opening, and so its workflow and its incident, in common. Pure.
 */
import type { RoutedAlerts } from '../../incidents/gateway.ts';

/** About a quarter of a megabyte: a few milliseconds for whoever takes it in. */
const ALERTS_A_PIECE = 250;
/** Each brings an opening along. */
const ROUTED_A_PIECE = 100;

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

/** What fires goes first: the end of other alerts must not look like the end of all. */
function splitLargeGroup(routed: RoutedAlerts): readonly RoutedAlerts[] {
  const { alerts } = routed;
  if (alerts.length <= ALERTS_A_PIECE) return [routed];
  const isFiring = ({ status }: { readonly status: string }): boolean => status === 'firing';
  const ordered = [...alerts.filter(isFiring), ...alerts.filter((alert) => !isFiring(alert))];
  const starts = Array.from({ length: Math.ceil(ordered.length / ALERTS_A_PIECE) }, (_, n) => n * ALERTS_A_PIECE);
  return starts.map((start) => ({ ...routed, alerts: ordered.slice(start, start + ALERTS_A_PIECE) }));
}
