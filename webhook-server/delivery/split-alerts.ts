/** Splits the alerts of a large batch for several signals, and trims alerts that are too large for any. Pure. */
import type { AlertBatch, AlertReport } from '../../domain/kernel/alert.ts';

export const ALERT_BYTES = 64 * 1024;
/** Room for what surrounds the alerts. */
export const ENVELOPE_BYTES = 2048;

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value), 'utf8');

interface SizedAlert {
  readonly alert: AlertReport;
  /** The size of its JSON with a comma, and of its group's JSON. */
  readonly bytes: number;
}

/** Firing alerts go first unless all fit into one piece. */
export function splitAlerts(batch: AlertBatch, limit: number): readonly (readonly AlertReport[])[] {
  const room = Math.min(ALERT_BYTES, limit - ENVELOPE_BYTES);
  const groupBytes = new Map(batch.groups?.map((group) => [group.workflowId, bytesOf(group) + 1]));
  const fitted = batch.alerts.map((alert) => fitAlert(alert, room, groupBytes.get(alert.group ?? '') ?? 0));
  const total = fitted.reduce((sum, { bytes }) => sum + bytes, ENVELOPE_BYTES);
  const chunks: AlertReport[][] = [[]];
  let bytes = ENVELOPE_BYTES;
  for (const one of total <= limit ? fitted : firingFirst(fitted)) {
    if (bytes > ENVELOPE_BYTES && bytes + one.bytes > limit) {
      chunks.push([]);
      bytes = ENVELOPE_BYTES;
    }
    chunks.at(-1)?.push(one.alert);
    bytes += one.bytes;
  }
  return chunks;
}

/** The reports of one alert stay together, in their order. */
function firingFirst(fitted: readonly SizedAlert[]): readonly SizedAlert[] {
  const byAlert = new Map<string, SizedAlert[]>();
  for (const one of fitted) {
    const key = `${one.alert.group ?? ''} ${one.alert.fingerprint}`;
    const reports = byAlert.get(key);
    if (reports === undefined) byAlert.set(key, [one]);
    else reports.push(one);
  }
  const alerts = [...byAlert.values()];
  const fires = (reports: readonly SizedAlert[]): boolean => reports.some(({ alert }) => alert.status === 'firing');
  return [...alerts.filter(fires), ...alerts.filter((reports) => !fires(reports))].flat();
}

/** An alert too large to keep loses its annotations, then its links, then its longest labels; never its identity. */
function fitAlert(alert: AlertReport, room: number, groupBytes: number): SizedAlert {
  const bytes = bytesOf(alert);
  if (bytes <= room) return { alert, bytes: bytes + groupBytes + 1 };
  const trimmed = trimAlert(alert, room);
  return { alert: trimmed, bytes: bytesOf(trimmed) + groupBytes + 1 };
}

function trimAlert(alert: AlertReport, limit: number): AlertReport {
  const annotations = { trimmed: 'too large to keep' };
  const trimmed = { ...alert, annotations, title: alert.title.slice(0, 500).toWellFormed() };
  if (bytesOf(trimmed) <= limit) return trimmed;
  const labels = Object.entries(trimmed.labels).sort(([, a], [, b]) => a.length - b.length);
  const withLabels = (): AlertReport => ({ ...trimmed, links: {}, labels: Object.fromEntries(labels) });
  while (labels.length > 0 && bytesOf(withLabels()) > limit) labels.pop();
  return withLabels();
}
