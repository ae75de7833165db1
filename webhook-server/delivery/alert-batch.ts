/** Merges routed alerts of one incident into one batch, and splits a batch into signals of bounded size. Pure. */
import { isWorse } from '../../domain/kernel/severity.ts';
import type { AlertBatch, AlertReport, StormGroup } from '../../domain/kernel/alert.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import type { Policy } from '../../domain/kernel/policy.ts';
import type { RoutedAlerts } from '../incidents/gateway.ts';
import { isSuppressed } from '../ingest/maintenance/suppress.ts';

/** A signal's JSON. Temporal refuses 2 MB and calls 4 MB a rate limit; a history holds many of these. */
export const SIGNAL_BYTES = 256 * 1024;
const DECLARATION_BYTES = 32 * 1024;
const ALERT_BYTES = 64 * 1024;
const SUMMARY_UNITS = 2000;
/** Room for what surrounds the alerts. */
const ENVELOPE_BYTES = 2048;

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value), 'utf8');

/** All declarations of a team share an immutable policy: it is measured once, not with every alert. */
const policyBytes = new WeakMap<Policy, number>();

/**
 * Every alert once by (fingerprint, start), as last reported, except that firing never undoes resolved. The declaration
 * is that of the worst alert, so that an incident is not declared at a low severity and raised at once.
 */
export function mergeRoutedAlerts(received: readonly RoutedAlerts[]): { declaration: Declaration; batch: AlertBatch } {
  const routedAlerts = received.map(withoutSuppression);
  const [first] = routedAlerts;
  if (first === undefined) throw new TypeError('nothing to merge');
  const alerts = new Map<string, AlertReport>();
  const worst = worstDeclaration(routedAlerts, first);
  let newest = first;
  for (const routed of routedAlerts) {
    if (routed.receivedAt >= newest.receivedAt) newest = routed;
    for (const alert of routed.alerts) {
      const key = `${alert.group ?? ''} ${alert.startsAt} ${alert.fingerprint}`;
      if (alert.status === 'firing' && alerts.get(key)?.status === 'resolved') continue;
      alerts.delete(key); // keeps alerts in the order of their reports
      alerts.set(key, alert);
    }
  }
  return {
    declaration: fitDeclaration(worst),
    batch: {
      source: newest.source,
      receivedAt: newest.receivedAt,
      staleAfterMs: Math.max(...routedAlerts.map(({ staleAfterMs }) => staleAfterMs)),
      alerts: [...alerts.values()],
      truncated: Math.max(...routedAlerts.map(({ truncated }) => truncated)),
      ...uniqueGroups(routedAlerts),
      ...uniquePages(routedAlerts),
    },
  };
}

/** Suppressed alerts count only where nothing else fires. */
function worstDeclaration(routedAlerts: readonly RoutedAlerts[], first: RoutedAlerts): Declaration {
  const notSuppressed = routedAlerts.filter(({ alerts }) =>
    alerts.some(({ status, suppressedBy }) => status === 'firing' && !suppressedBy),
  );
  const suppressed = routedAlerts.filter(isSuppressed);
  const candidates = notSuppressed.length > 0 ? notSuppressed : suppressed.length > 0 ? suppressed : routedAlerts;
  return candidates.reduce(
    (worst, { declaration }) => (isWorse(declaration.severity, worst.severity) ? declaration : worst),
    (candidates[0] ?? first).declaration,
  );
}

/** Somebody was paged about these alerts while Temporal was down, so their maintenance was over by then. */
function withoutSuppression(routed: RoutedAlerts): RoutedAlerts {
  if ((routed.alreadyPaged ?? []).length === 0) return routed;
  const { suppressed: _, ...declaration } = routed.declaration;
  return { ...routed, declaration, alerts: routed.alerts.map(({ suppressedBy: _over, ...alert }) => alert) };
}

/** Each fallback page once. */
function uniquePages(routedAlerts: readonly RoutedAlerts[]): Pick<AlertBatch, 'alreadyPaged'> {
  const pages = routedAlerts.flatMap(({ alreadyPaged = [] }) => alreadyPaged);
  const once = new Map(pages.map((page) => [`${page.incidentId} ${page.method} ${page.key}`, page]));
  return once.size === 0 ? {} : { alreadyPaged: [...once.values()] };
}

/** Each group once, with its worst severity. */
function uniqueGroups(routedAlerts: readonly RoutedAlerts[]): Pick<AlertBatch, 'groups'> {
  const groups = new Map<string, StormGroup>();
  for (const group of routedAlerts.flatMap((routed) => routed.groups ?? [])) {
    const known = groups.get(group.workflowId);
    if (known === undefined || isWorse(group.severity, known.severity)) groups.set(group.workflowId, group);
  }
  return groups.size === 0 ? {} : { groups: [...groups.values()] };
}

/** The batch with only `alerts`. Keeps those of its groups that have their own incident or fire in `alerts`. */
export function withAlerts(batch: AlertBatch, alerts: readonly AlertReport[]): AlertBatch {
  if (batch.groups === undefined) return { ...batch, alerts };
  const joining = new Set(alerts.filter(({ status }) => status === 'firing').map(({ group }) => group));
  return {
    ...batch,
    alerts,
    groups: batch.groups.filter(({ workflowId, hasOwnIncident }) => hasOwnIncident || joining.has(workflowId)),
  };
}

/**
 * The batch in chunks of at most `limit` bytes of JSON. Firing alerts go first, so that it never looks as if all had
 * resolved. Every chunk carries the number of alerts that the sender left out.
 */
export function splitIntoSignals(batch: AlertBatch, limit = SIGNAL_BYTES): AlertBatch[] {
  const room = Math.min(ALERT_BYTES, limit - ENVELOPE_BYTES);
  const groupBytes = new Map(batch.groups?.map((group) => [group.workflowId, bytesOf(group) + 1]));
  const fitted = batch.alerts.map((alert) =>
    fitAlert(alert, { room, groupBytes: groupBytes.get(alert.group ?? '') ?? 0 }),
  );
  const total = fitted.reduce((sum, { bytes }) => sum + bytes, ENVELOPE_BYTES);
  if (total <= limit)
    return [
      withAlerts(
        batch,
        fitted.map(({ alert }) => alert),
      ),
    ];
  const isFiring = ({ alert }: SizedAlert): boolean => alert.status === 'firing';
  const ordered = [...fitted.filter(isFiring), ...fitted.filter((one) => !isFiring(one))];
  const { alreadyPaged: _, ...rest } = batch;
  return fillChunks(ordered, limit).map((alerts, index) => withAlerts(index === 0 ? batch : rest, alerts));
}

interface SizedAlert {
  readonly alert: AlertReport;
  /** The size of its JSON with a comma, and of its group's JSON. */
  readonly bytes: number;
}

function fillChunks(fitted: readonly SizedAlert[], limit: number): AlertReport[][] {
  const chunks: AlertReport[][] = [[]];
  let bytes = ENVELOPE_BYTES;
  for (const one of fitted) {
    const chunk = chunks.at(-1) ?? [];
    if (chunk.length > 0 && bytes + one.bytes > limit) {
      chunks.push([one.alert]);
      bytes = ENVELOPE_BYTES + one.bytes;
    } else {
      chunk.push(one.alert);
      bytes += one.bytes;
    }
  }
  return chunks;
}

/** An alert too large to keep loses its annotations, then its links, then its longest labels; never its identity. */
function fitAlert(
  alert: AlertReport,
  { room, groupBytes }: { readonly room: number; readonly groupBytes: number },
): SizedAlert {
  const bytes = bytesOf(alert);
  if (bytes <= room) return { alert, bytes: bytes + groupBytes + 1 };
  const trimmed = trimAlert(alert, room);
  return { alert: trimmed, bytes: bytesOf(trimmed) + groupBytes + 1 };
}

function trimAlert(alert: AlertReport, limit: number): AlertReport {
  const trimmed = {
    ...alert,
    annotations: { trimmed: 'too large to keep' },
    title: alert.title.slice(0, 500).toWellFormed(),
  };
  if (bytesOf(trimmed) <= limit) return trimmed;
  const labels = Object.entries(trimmed.labels).sort(([, a], [, b]) => a.length - b.length);
  while (labels.length > 0 && bytesOf({ ...trimmed, links: {}, labels: Object.fromEntries(labels) }) > limit)
    labels.pop();
  return { ...trimmed, links: {}, labels: Object.fromEntries(labels) };
}

function fitDeclaration(declaration: Declaration): Declaration {
  const { policy, ...rest } = declaration;
  if (bytesOfPolicy(policy) + bytesOf(rest) <= DECLARATION_BYTES) return declaration;
  return {
    ...declaration,
    title: declaration.title.slice(0, 500).toWellFormed(),
    summary: declaration.summary.slice(0, SUMMARY_UNITS).toWellFormed(),
  };
}

function bytesOfPolicy(policy: Policy): number {
  const cached = policyBytes.get(policy);
  if (cached !== undefined) return cached;
  const bytes = bytesOf(policy);
  policyBytes.set(policy, bytes);
  return bytes;
}
