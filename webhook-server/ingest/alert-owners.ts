/**
 * The own stage: which run holds an alert. The run that holds an alert is its truth, so its firings go there even when
 * another route or group of the sender reports them, and its end goes to every run that may hold it.
 *
 * This server remembers where it delivered what, and asks the records about the rest: never before a page, and for a
 * bounded time. While no other server takes alerts, it reads everything once and then knows by itself. In memory: what it
 * does not know pages twice at worst.
 */
import type { AlertReport } from '../../domain/kernel/alert.ts';
import type { Declaration } from '../../domain/kernel/declaration.ts';
import { worstOf } from '../../domain/kernel/severity.ts';
import type { AlertOwner, AlertOwnersQuery, KnownAlertOwner } from '../../records/records.ts';
import { withTimeout } from '../delivery/circuit-breaker.ts';
import type { RoutedAlerts } from '../incidents/gateway.ts';

export interface AlertOwnersParts {
  /** Of the records. Rejects while they are away. */
  readonly find: (query: AlertOwnersQuery) => Promise<readonly AlertOwner[]>;
  /** Likewise. */
  readonly findAll: (limit: number) => Promise<readonly KnownAlertOwner[]>;
  /** No other server takes alerts. */
  readonly isAlone: () => boolean;
  readonly now: () => number;
  readonly limit?: number;
}

interface Holder {
  readonly workflowId: string;
  /** Null: not known, so nothing that fires goes there. */
  readonly restricted: boolean | null;
  /** The alertname that it holds; null: not known. */
  readonly name: string | null;
}

interface HeldAlert {
  /** The last one was told last. */
  readonly holders: readonly Holder[];
  /** When this server received its last firing and its last end. */
  readonly firedAt: number;
  readonly endedAt: number;
  /** Of the sender, in which it was reported. */
  readonly groups: readonly string[];
}

const NOTHING: HeldAlert = { holders: [], firedAt: -Infinity, endedAt: -Infinity, groups: [] };
const KEPT_AT_MOST = 50_000;
const HOLDERS_OF_ONE = 4;
const GROUPS_OF_ONE = 4;
/** The run of an alert that ended knows it for this long, for late copies and recurrences. */
const KEPT_AFTER_END_MS = 10 * 60_000;
const LOOK_UP_MS = 200;

/** Everything is read only when it is little, and once what the server before this one has delivered is in the records. */
const ALL_AT_MOST = 5_000;
const RECORDS_LAG_MS = 10_000;

export class AlertOwners {
  /** By source and fingerprint, in the sequence of their last reports. */
  private readonly alerts = new Map<string, HeldAlert>();
  /** By source and group of the sender: alerts that were reported in it. */
  private readonly groups = new Map<string, Set<string>>();
  private readonly askedGroups = new Set<string>();
  private readonly parts: AlertOwnersParts;
  /** Whether everything that the records know is here. Null: to be read, from `readAllFrom` on. */
  private hasAll: Promise<boolean> | null = null;
  private readAllFrom: number;

  constructor(parts: AlertOwnersParts) {
    this.parts = parts;
    this.readAllFrom = parts.now() + RECORDS_LAG_MS;
  }

  /**
   * Parts of the routed alerts by the run that holds them; `heldBy` names it where that is not the computed one. An
   * end is in all of them, and also goes to the computed one.
   */
  own(routed: RoutedAlerts): readonly RoutedAlerts[] {
    if (routed.declaration.test) return [routed];
    const { workflowId } = routed.declaration;
    const held = new Map<string, AlertReport[]>();
    const computed: AlertReport[] = [];
    for (const alert of routed.alerts) {
      const runs = this.runsOf(routed, alert).filter((run) => run !== workflowId);
      for (const run of runs) held.set(run, [...(held.get(run) ?? []), alert]);
      if (alert.status === 'resolved' || runs.length === 0) computed.push(alert);
    }
    if (held.size === 0) return [routed];
    const parts = [...held].map(([run, alerts]) => ({ ...withAlerts(routed, alerts), heldBy: [run] }));
    return computed.length === 0 ? parts : [withAlerts(routed, computed), ...parts];
  }

  /**
   * These firings are on their way to their run: other messages about them go after them. Call the answer if they do not
   * reach it.
   */
  claim(routed: RoutedAlerts): () => void {
    const { declaration, source, heldBy } = routed;
    if (declaration.test || heldBy !== undefined) return () => undefined;
    const { workflowId } = declaration;
    const alerts = routed.alerts.filter(
      (alert) => !this.alerts.get(keyOf(source, alert))?.holders.some((holder) => holder.workflowId === workflowId),
    );
    this.noteFirings(routed);
    return () => this.forget(workflowId, { source, alerts });
  }

  /** Temporal has acknowledged these. */
  delivered(routedAlerts: readonly RoutedAlerts[]): void {
    for (const routed of routedAlerts) {
      if (routed.declaration.test) continue;
      this.noteFirings(routed);
      for (const alert of routed.alerts)
        if (alert.status === 'resolved') this.change(routed.source, alert, { endedAt: receivedAtOf(routed, alert) });
    }
  }

  /** That run has none of these: it has ended, or was never started. */
  forget(workflowId: string, { source, alerts }: Pick<RoutedAlerts, 'source' | 'alerts'>): void {
    for (const alert of alerts) {
      const known = this.alerts.get(keyOf(source, alert));
      if (known === undefined) continue;
      const holders = known.holders.filter((holder) => holder.workflowId !== workflowId);
      this.alerts.set(keyOf(source, alert), { ...known, holders });
    }
  }

  /** This server has received a later firing: an end that is told only now is old. */
  hasFiredSince(routed: Pick<RoutedAlerts, 'source' | 'receivedAt'>, end: AlertReport): boolean {
    return (this.alerts.get(keyOf(routed.source, end))?.firedAt ?? -Infinity) > receivedAtOf(routed, end);
  }

  isKnown(source: string, alert: AlertReport): boolean {
    return this.holdersOf(source, alert).length > 0;
  }

  /** Asks the records about alerts and a group of the sender. Never rejects: when they are away, nothing is found. */
  async lookUp({ source, fingerprints, messageGroup }: AlertOwnersQuery): Promise<void> {
    const group = messageGroup === null ? null : `${source} ${messageGroup}`;
    try {
      const asked = this.parts.find({ source, fingerprints, messageGroup });
      const owners = await withTimeout(LOOK_UP_MS, asked);
      const wanted = new Set(fingerprints);
      for (const owner of owners) {
        this.addOwner(source, owner);
        if (!wanted.has(owner.fingerprint) && messageGroup !== null) this.addToGroup(source, owner, messageGroup);
      }
      if (group !== null) this.askedGroups.add(group);
    } catch {
      // Away or too slow: the next message asks again.
    }
  }

  /** Runs that hold an alert of the message's group that the message no longer lists. Asks the records where needed. */
  async runsWithAbsent({ source, messageGroup, listed }: RoutedAlerts): Promise<readonly string[]> {
    if (messageGroup === undefined || listed === undefined) return [];
    const group = `${source} ${messageGroup}`;
    if (!(await this.knowsGroup(group))) await this.lookUp({ source, fingerprints: [], messageGroup });
    const there = new Set(listed.map((fingerprint) => keyOf(source, { fingerprint })));
    const absent = [...(this.groups.get(group) ?? [])].filter((key) => !there.has(key));
    const fires = (key: string): boolean => {
      const { firedAt, endedAt } = this.alerts.get(key) ?? NOTHING;
      return endedAt === -Infinity || firedAt > endedAt;
    };
    const holders = absent.filter(fires).flatMap((key) => this.alerts.get(key)?.holders ?? []);
    return [...new Set(holders.map(({ workflowId }) => workflowId))];
  }

  private async knowsGroup(group: string): Promise<boolean> {
    if (!this.parts.isAlone()) {
      this.readAllAgainIn(RECORDS_LAG_MS);
      return false;
    }
    if (this.askedGroups.has(group)) return true;
    if (this.hasAll === null && this.parts.now() < this.readAllFrom) return false;
    return (this.hasAll ??= this.readAll());
  }

  /** Never rejects. */
  private async readAll(): Promise<boolean> {
    try {
      const all = await withTimeout(LOOK_UP_MS, this.parts.findAll(ALL_AT_MOST));
      for (const owner of all) {
        this.addOwner(owner.source, owner);
        for (const messageGroup of owner.messageGroups) this.addToGroup(owner.source, owner, messageGroup);
      }
      return all.length < ALL_AT_MOST;
    } catch {
      this.readAllAgainIn(RECORDS_LAG_MS);
      return false;
    }
  }

  private readAllAgainIn(ms: number): void {
    this.hasAll = null;
    this.readAllFrom = this.parts.now() + ms;
  }

  private runsOf({ source, declaration }: RoutedAlerts, alert: AlertReport): readonly string[] {
    const holders = this.holdersOf(source, alert);
    if (alert.status === 'resolved') return holders.map(({ workflowId }) => workflowId);
    if (holders.some(({ workflowId }) => workflowId === declaration.workflowId)) return [];
    // Nothing of a restricted incident may get into one that is not, nor the other way round.
    const last = holders.findLast(({ restricted }) => restricted === declaration.restricted);
    return last === undefined ? [] : [last.workflowId];
  }

  private holdersOf(source: string, alert: AlertReport): readonly Holder[] {
    const { holders, firedAt, endedAt } = this.alerts.get(keyOf(source, alert)) ?? NOTHING;
    const isOver = endedAt > firedAt && this.parts.now() - endedAt > KEPT_AFTER_END_MS;
    // A fingerprint under another name is another alert, whatever made the two alike.
    return isOver ? [] : holders.filter(({ name }) => name === null || name === (nameOf(alert) ?? name));
  }

  private noteFirings(routed: RoutedAlerts): void {
    const { declaration, source, messageGroup } = routed;
    for (const alert of routed.alerts) {
      if (alert.status === 'resolved') continue;
      const workflowId = alert.group ?? declaration.workflowId;
      const { restricted } = declaration;
      this.addHolder(source, alert, { workflowId, restricted, name: nameOf(alert) });
      this.change(source, alert, { firedAt: receivedAtOf(routed, alert) });
      if (messageGroup !== undefined) this.addToGroup(source, alert, messageGroup);
    }
  }

  private addOwner(source: string, { fingerprint, workflowId, name }: AlertOwner): void {
    const { holders } = this.alerts.get(keyOf(source, { fingerprint })) ?? NOTHING;
    const known = holders.find((one) => one.workflowId === workflowId);
    this.addHolder(source, { fingerprint }, known ?? { workflowId, restricted: null, name: name ?? null });
  }

  private addHolder(source: string, alert: Pick<AlertReport, 'fingerprint'>, holder: Holder): void {
    const { holders } = this.alerts.get(keyOf(source, alert)) ?? NOTHING;
    const others = holders.filter(({ workflowId }) => workflowId !== holder.workflowId);
    this.change(source, alert, { holders: [...others.slice(1 - HOLDERS_OF_ONE), holder] });
  }

  private addToGroup(source: string, alert: Pick<AlertReport, 'fingerprint'>, messageGroup: string): void {
    const group = `${source} ${messageGroup}`;
    const { groups } = this.alerts.get(keyOf(source, alert)) ?? NOTHING;
    if (groups.includes(group)) return;
    const [oldest] = groups.length < GROUPS_OF_ONE ? [] : groups;
    if (oldest !== undefined) this.removeFromGroup(oldest, keyOf(source, alert));
    this.change(source, alert, { groups: [...groups.filter((one) => one !== oldest), group] });
    this.groups.set(group, (this.groups.get(group) ?? new Set<string>()).add(keyOf(source, alert)));
  }

  private removeFromGroup(group: string, key: string): void {
    const keys = this.groups.get(group);
    keys?.delete(key);
    if (keys?.size !== 0) return;
    this.groups.delete(group);
    this.askedGroups.delete(group);
  }

  private change(source: string, alert: Pick<AlertReport, 'fingerprint'>, changes: Partial<HeldAlert>): void {
    const key = keyOf(source, alert);
    const known = this.alerts.get(key) ?? NOTHING;
    this.alerts.delete(key); // moves the key to the end
    this.alerts.set(key, {
      ...known,
      ...changes,
      firedAt: Math.max(known.firedAt, changes.firedAt ?? -Infinity),
      endedAt: Math.max(known.endedAt, changes.endedAt ?? -Infinity),
    });
    for (const [oldest, { groups }] of this.alerts) {
      if (this.alerts.size <= (this.parts.limit ?? KEPT_AT_MOST)) return;
      this.alerts.delete(oldest);
      this.hasAll = Promise.resolve(false);
      for (const group of groups) this.removeFromGroup(group, oldest);
    }
  }
}

const keyOf = (source: string, { fingerprint }: Pick<AlertReport, 'fingerprint'>): string => `${source} ${fingerprint}`;

const nameOf = ({ labels }: AlertReport): string | null => labels['alertname'] ?? null;

const receivedAtOf = ({ receivedAt }: Pick<RoutedAlerts, 'receivedAt'>, alert: AlertReport): number =>
  alert.receivedAt ?? receivedAt;

/** The declaration is about these alerts only: what goes to another run must not raise this one. */
function withAlerts(routed: RoutedAlerts, alerts: readonly AlertReport[]): RoutedAlerts {
  const firing = alerts.filter(({ status }) => status === 'firing');
  const severity = worstOf(firing.map((alert) => alert.severity));
  const worst = firing.find((alert) => alert.severity === severity);
  if (worst === undefined || severity === null || alerts.length === routed.alerts.length) return { ...routed, alerts };
  const severityGuessed = worst.severityGuessed === true;
  const declaration: Declaration = { ...routed.declaration, title: worst.title, severity, severityGuessed };
  return { ...routed, declaration, alerts };
}
