/**
 * The deduplicate stage: what was delivered to Temporal within the last minute. Senders repeat a firing alert again and
 * again; a repeat only confirms that it still fires, which an incident need not hear twice in a minute.
 *
 * A dropped repeat must never hide that an alert fires again. So only what Temporal acknowledged counts, the end of an
 * alert makes its next firing news, and nothing is dropped unless this server knows that it is the only one: another may
 * have had the end. A change of digits alone is news as well, but not every second. In memory: after a restart the next
 * repeat is delivered.
 */
import { createHash } from 'node:crypto';
import type { AlertReport } from '../../domain/kernel/alert.ts';
import type { RoutedAlerts } from '../incidents/gateway.ts';
import { NewsSpacing } from './news-spacing.ts';

interface DeliveredAlert {
  /** Where its own incident would be; it may be in a storm instead. */
  readonly home: string;
  readonly workflowId: string;
  /** Null: it gave none. */
  readonly startsAt: number | null;
  readonly severity: AlertReport['severity'];
  /** Null: it is in a storm, which keeps a part of it only. */
  readonly content: Content | null;
  readonly truncated: number;
  readonly until: number;
  readonly spaceUntil: number;
}

interface KnownAlert {
  /** When this server received its last end. */
  readonly endedAt: number;
  readonly deliveries: readonly DeliveredAlert[];
}

/** Digests of what an alert says, and of that without its digits. */
interface Content {
  readonly exact: string;
  readonly withoutDigits: string;
}

const DROP_REPEATS_MS = 60_000;
/** However soon an alert would count as stale, it is delivered this many times before. */
const DELIVERIES_BEFORE_STALE = 10;
const KEPT_AT_MOST = 50_000;
const DELIVERIES_OF_ONE = 4;

export interface DeduplicationOptions {
  /** No other server takes alerts. */
  readonly isAlone: () => boolean;
  readonly now?: () => number;
  readonly limit?: number;
}

export class AlertDeduplication {
  /** By source and fingerprint, in the sequence of their last reports. */
  private readonly known = new Map<string, KnownAlert>();
  /** By home and group of the sender: what its last message listed; null: it listed nothing. */
  private readonly listed = new Map<string, readonly string[] | null>();
  private readonly spacing: NewsSpacing;
  private readonly isAlone: () => boolean;
  private readonly now: () => number;
  private readonly limit: number;

  constructor({ isAlone, now = Date.now, limit = KEPT_AT_MOST }: DeduplicationOptions) {
    this.isAlone = isAlone;
    this.now = now;
    this.limit = limit;
    this.spacing = new NewsSpacing(now, limit);
  }

  /** Temporal has acknowledged these. */
  delivered(routedAlerts: readonly RoutedAlerts[]): void {
    for (const routed of routedAlerts) {
      this.noteEnds(routed);
      this.noteListed(routed);
      for (const alert of routed.alerts.filter(isRepeatable)) this.noteDelivery(routed, alert);
      this.spacing.delivered(routed.declaration.workflowId);
    }
    forgetOldest(this.known, this.limit);
    forgetOldest(this.listed, this.limit);
  }

  /**
   * Ids of the workflows that already have all of the routed alerts; null when any of them is new. `isOnlyAsked`: these
   * are not delivered whatever the answer.
   */
  workflowsThatKnow(routed: RoutedAlerts, isOnlyAsked = false): readonly string[] | null {
    if (!isOnlyAsked) this.noteEnds(routed);
    if (!this.isAlone() || routed.alerts.length === 0) return null;
    const targets = new Set<string>();
    let mayWait = false;
    for (const alert of routed.alerts) {
      const delivered = isRepeatable(alert) ? this.lastDelivery(routed, alert) : undefined;
      if (delivered === undefined || !this.saysTheSame(delivered, routed, alert)) return null;
      const news = newsIn(alert, delivered);
      if (news === 'words' || (news === 'digits' ? delivered.spaceUntil : delivered.until) <= this.now()) return null;
      mayWait ||= news === 'digits';
      targets.add(delivered.workflowId);
    }
    if (mayWait && this.spacing.isDue(routed.declaration.workflowId, isOnlyAsked)) return null;
    return [...targets];
  }

  private lastDelivery({ declaration, source }: RoutedAlerts, alert: AlertReport): DeliveredAlert | undefined {
    const home = alert.group ?? declaration.workflowId;
    return this.known.get(keyOf(source, alert))?.deliveries.find((delivery) => delivery.home === home);
  }

  /** Apart from its content. */
  private saysTheSame(delivered: DeliveredAlert, routed: RoutedAlerts, alert: AlertReport): boolean {
    const isSame =
      delivered.startsAt === startOf(alert) &&
      delivered.severity === alert.severity &&
      delivered.truncated === routed.truncated;
    return isSame && (delivered.content === null || !this.hasLost(routed));
  }

  /** The message lists fewer alerts of its group than the last one, or is the first of its group here. */
  private hasLost({ declaration, messageGroup, listed }: RoutedAlerts): boolean {
    if (messageGroup === undefined) return false;
    const before = this.listed.get(`${declaration.workflowId} ${messageGroup}`);
    if (before === undefined) return true;
    if (listed === undefined) return false;
    return before === null || lostFrom(before, listed).length > 0;
  }

  private noteListed({ declaration, source, messageGroup, listed }: RoutedAlerts): void {
    if (messageGroup === undefined) return;
    const key = `${declaration.workflowId} ${messageGroup}`;
    // What is listed again later may be in doubt by then.
    const lost = lostFrom(this.listed.get(key) ?? [], listed ?? []);
    if (listed !== undefined) for (const fingerprint of lost) this.known.delete(keyOf(source, { fingerprint }));
    this.listed.delete(key); // moves the key to the end
    this.listed.set(key, listed ?? null);
  }

  private noteEnds({ source, alerts, receivedAt }: RoutedAlerts): void {
    for (const alert of alerts) {
      if (alert.status === 'firing') continue;
      const key = keyOf(source, alert);
      const endedAt = Math.max(alert.receivedAt ?? receivedAt, this.known.get(key)?.endedAt ?? -Infinity);
      this.known.delete(key); // moves the key to the end
      this.known.set(key, { endedAt, deliveries: [] });
    }
  }

  private noteDelivery({ declaration, source, truncated, staleAfterMs, receivedAt }: RoutedAlerts, alert: AlertReport) {
    const key = keyOf(source, alert);
    const { endedAt, deliveries } = this.known.get(key) ?? { endedAt: -Infinity, deliveries: [] };
    if ((alert.receivedAt ?? receivedAt) <= endedAt) return; // its end was received meanwhile
    const home = alert.group ?? declaration.workflowId;
    const stale = this.now() + staleAfterMs / DELIVERIES_BEFORE_STALE;
    const delivery: DeliveredAlert = {
      home,
      workflowId: declaration.workflowId,
      startsAt: startOf(alert),
      severity: alert.severity,
      content: alert.group === undefined ? contentOf(alert) : null,
      truncated,
      until: Math.min(this.now() + DROP_REPEATS_MS, stale),
      spaceUntil: stale,
    };
    const others = deliveries.filter((other) => other.home !== home).slice(1 - DELIVERIES_OF_ONE);
    this.known.delete(key); // moves the key to the end
    this.known.set(key, { endedAt, deliveries: [...others, delivery] });
  }
}

const keyOf = (source: string, { fingerprint }: Pick<AlertReport, 'fingerprint'>): string => `${source} ${fingerprint}`;

const startOf = ({ startGuessed, startsAt }: AlertReport): number | null => (startGuessed ? null : startsAt);

/** While maintenance suppresses an alert, its next repeat may be the first one that is not suppressed. */
const isRepeatable = ({ status, suppressedBy }: AlertReport): boolean =>
  status === 'firing' && suppressedBy === undefined;

function newsIn(alert: AlertReport, { content }: DeliveredAlert): 'none' | 'digits' | 'words' {
  if (content === null) return 'none';
  const { exact, withoutDigits } = contentOf(alert);
  if (content.exact === exact) return 'none';
  return content.withoutDigits === withoutDigits ? 'digits' : 'words';
}

function contentOf({ title, labels, annotations }: AlertReport): Content {
  const text = JSON.stringify([title, labels, annotations]);
  return { exact: digest(text), withoutDigits: digest(text.replace(/\d+(\.\d+)?/g, '0')) };
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64').slice(0, 22);

function lostFrom(before: readonly string[], listed: readonly string[]): readonly string[] {
  if (before.length === listed.length && before.every((fingerprint, index) => fingerprint === listed[index])) return [];
  const there = new Set(listed);
  return before.filter((fingerprint) => !there.has(fingerprint));
}

function forgetOldest(map: Map<string, unknown>, limit: number): void {
  for (const key of map.keys()) {
    if (map.size <= limit) return;
    map.delete(key);
  }
}
