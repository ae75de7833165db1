/** Several sightings of one incident as one batch, and a batch as signals of bounded size. Pure. */
import { isWorse } from '../../domain/severity.ts';
import type { AlertBatch, AlertReport } from '../../domain/alert.ts';
import type { Opening } from '../../domain/opening.ts';
import type { Sighting } from '../gateway.ts';

/** A signal's JSON. Temporal refuses 2 MB and calls 4 MB a rate limit; a history holds many of these. */
export const SIGNAL_BYTES = 256 * 1024;
const OPENING_BYTES = 32 * 1024;
const ALERT_BYTES = 64 * 1024;
const SUMMARY_UNITS = 2000;
/** Room for what stands around the alerts. */
const ENVELOPE_BYTES = 2048;

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value), 'utf8');

/**
 * The alerts of all sightings, each (fingerprint, start) once: the newest report of it, except that a firing never
 * undoes a resolution. The opening is that of the worst sighting, so that a group does not open mild and then rise.
 */
export function mergeSightings(sightings: readonly Sighting[]): { opening: Opening; batch: AlertBatch } {
  const [first] = sightings;
  if (first === undefined) throw new TypeError('nothing to merge');
  const alerts = new Map<string, AlertReport>();
  let worst = first;
  let newest = first;
  for (const sighting of sightings) {
    if (isWorse(sighting.opening.severity, worst.opening.severity)) worst = sighting;
    if (sighting.receivedAt >= newest.receivedAt) newest = sighting;
    for (const alert of sighting.alerts) {
      const key = JSON.stringify([alert.fingerprint, alert.startsAt]);
      if (alert.status === 'firing' && alerts.get(key)?.status === 'resolved') continue;
      alerts.delete(key); // reports stay in the order in which they came
      alerts.set(key, alert);
    }
  }
  return {
    opening: fitOpening(worst.opening),
    batch: {
      source: newest.source,
      receivedAt: newest.receivedAt,
      staleAfterMs: Math.max(...sightings.map(({ staleAfterMs }) => staleAfterMs)),
      alerts: [...alerts.values()],
      truncated: Math.max(...sightings.map(({ truncated }) => truncated)),
    },
  };
}

/** The batch in order, in pieces of at most `limit` bytes of JSON. Only the first says what was truncated. */
export function chunksOf(batch: AlertBatch, limit = SIGNAL_BYTES): AlertBatch[] {
  const chunks: AlertReport[][] = [[]];
  let bytes = ENVELOPE_BYTES;
  for (const whole of batch.alerts) {
    const alert = fitAlert(whole, Math.min(ALERT_BYTES, limit - ENVELOPE_BYTES));
    const size = bytesOf(alert) + 1;
    const chunk = chunks.at(-1) ?? [];
    if (chunk.length > 0 && bytes + size > limit) {
      chunks.push([alert]);
      bytes = ENVELOPE_BYTES + size;
    } else {
      chunk.push(alert);
      bytes += size;
    }
  }
  return chunks.map((alerts, index) => ({ ...batch, alerts, truncated: index === 0 ? batch.truncated : 0 }));
}

/** An alert too large to keep loses its annotations, then its links, then its longest labels; never its identity. */
function fitAlert(alert: AlertReport, limit: number): AlertReport {
  if (bytesOf(alert) <= limit) return alert;
  const cut = { ...alert, annotations: { cut: 'too large to keep' }, title: alert.title.slice(0, 500).toWellFormed() };
  if (bytesOf(cut) <= limit) return cut;
  const labels = Object.entries(cut.labels).sort(([, a], [, b]) => a.length - b.length);
  while (labels.length > 0 && bytesOf({ ...cut, links: {}, labels: Object.fromEntries(labels) }) > limit) labels.pop();
  return { ...cut, links: {}, labels: Object.fromEntries(labels) };
}

function fitOpening(opening: Opening): Opening {
  if (bytesOf(opening) <= OPENING_BYTES) return opening;
  return {
    ...opening,
    title: opening.title.slice(0, 500).toWellFormed(),
    summary: opening.summary.slice(0, SUMMARY_UNITS).toWellFormed(),
  };
}
