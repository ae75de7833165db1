/**
 * What a server remembers so that it can decide about storms without asking anyone: which runs there are, how many
 * incidents each team got in the last minute, which of them page nobody, and who is a member of which storm. In memory
 * only; a wrong belief costs one page too many, never one too few.
 *
 * `now` is always a clock that never goes back, in ms.
 */
import type { Logger } from 'pino';
import { stormWorkflowIdFor } from '../../../config/correlation-key.ts';
import type { StormGroup } from '../../../domain/kernel/alert.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';

type Clock = () => number;

const MINUTE_MS = 60_000;
export const MAX_KNOWN_RUNS = 50_000;
/** Three times the interval between two lists. */
const LIST_IS_FRESH_MS = 30_000;

/** Workflow ids that had a run when last heard of, as many as fit; those not heard of for longest are forgotten first. */
export class KnownRuns {
  /** Id → when it was last heard of, in that order. */
  private readonly ids = new Map<string, number>();
  private readonly now: Clock;
  private readonly limit: number;
  private listedAt = -Infinity;
  private wasTruncated = false;

  constructor(now: Clock, limit = MAX_KNOWN_RUNS) {
    this.now = now;
    this.limit = limit;
  }

  add(workflowId: string): void {
    this.ids.delete(workflowId); // to the end of the order
    this.ids.set(workflowId, this.now());
    for (const oldest of this.ids.keys()) {
      if (this.ids.size <= this.limit) break;
      this.ids.delete(oldest);
      this.wasTruncated = true;
    }
  }

  has(workflowId: string): boolean {
    return this.ids.has(workflowId);
  }

  forget(workflowId: string): void {
    this.ids.delete(workflowId);
  }

  /** `all` runs, from a list begun at `since`: every id not heard of later is forgotten. */
  replaceAll(all: readonly string[], since: number): void {
    for (const [workflowId, at] of this.ids) if (at < since) this.ids.delete(workflowId);
    this.wasTruncated = false;
    this.addListed(all);
  }

  /** Runs that started since the last list. */
  addListed(started: readonly string[]): void {
    for (const workflowId of started) this.add(workflowId);
    this.listedAt = this.now();
  }

  /** An unknown id has no run, unless another server started one within the last seconds. */
  isComplete(): boolean {
    return !this.wasTruncated && this.now() - this.listedAt < LIST_IS_FRESH_MS;
  }
}

/**
 * How many incidents each team got in the last minute. A group keeps its place for that minute, so that alerts which
 * come again (from the spool, from a second sender) are not counted twice.
 */
export class NewIncidentRateLimiter {
  /** By team: workflow id → when it took its place, oldest first. */
  private readonly windows = new Map<string, Map<string, number>>();
  private readonly now: Clock;

  constructor(now: Clock) {
    this.now = now;
  }

  /** True when `workflowId` is among the `limit` new incidents of the minute, or takes a place now. */
  take(team: string, workflowId: string, limit: number): boolean {
    if (!this.hasRoom(team, workflowId, limit)) return false;
    const window = this.windowOf(team);
    if (!window.has(workflowId)) window.set(workflowId, this.now());
    return true;
  }

  /** What `take` would answer; takes nothing. */
  hasRoom(team: string, workflowId: string, limit: number): boolean {
    const window = this.windowOf(team);
    return window.has(workflowId) || window.size < limit;
  }

  private windowOf(team: string): Map<string, number> {
    const window = this.windows.get(team) ?? new Map<string, number>();
    this.windows.set(team, window);
    for (const [workflowId, at] of window) {
      if (this.now() - at < MINUTE_MS) break;
      window.delete(workflowId);
    }
    return window;
  }
}

const MAX_UNPAGED_OF_TEAM = 1_000;

/**
 * Incidents opened in the last minute that page nobody at once. If a storm follows, its pages name them: they are part
 * of what is happening, and otherwise nobody would hear of them for an hour.
 */
export class RecentUnpagedIncidents {
  /** By team: workflow id → the group and when it was opened, oldest first. */
  private readonly teams = new Map<string, Map<string, { readonly at: number; readonly group: StormGroup }>>();
  private readonly now: Clock;

  constructor(now: Clock) {
    this.now = now;
  }

  opened({ declaration: { team, workflowId, title, severity, service, policy } }: RoutedAlerts): void {
    if (policy.severities[severity].pageAfterMs === 0) return;
    const kept = this.teams.get(team) ?? new Map<string, { at: number; group: StormGroup }>();
    this.teams.set(team, kept);
    kept.set(workflowId, { at: this.now(), group: { workflowId, title, severity, service, hasOwnIncident: true } });
    for (const [id, { at }] of kept) {
      if (kept.size <= MAX_UNPAGED_OF_TEAM && this.now() - at < MINUTE_MS) break;
      kept.delete(id);
    }
  }

  /** The team's incidents of the last minute that no storm knows of yet. */
  take(team: string): readonly StormGroup[] {
    const kept = [...(this.teams.get(team)?.values() ?? [])];
    this.teams.delete(team);
    return kept.filter(({ at }) => this.now() - at < MINUTE_MS).map(({ group }) => group);
  }
}

/** A storm asked for its members may not have taken in a signal that is on its way. */
const SIGNAL_IN_FLIGHT_MS = 30_000;

/** Which teams have a storm, and which groups joined it. */
export class StormMembership {
  /** By team, only open storms: member → when this server brought it (-Infinity: another server did). */
  private readonly storms = new Map<string, Map<string, number>>();
  private readonly now: Clock;
  private readonly log: Pick<Logger, 'info' | 'warn'>;

  constructor(now: Clock, log: Pick<Logger, 'info' | 'warn'>) {
    this.now = now;
    this.log = log;
  }

  isOpen(team: string): boolean {
    return this.storms.has(team);
  }

  isMember(team: string, workflowId: string): boolean {
    return this.storms.get(team)?.has(workflowId) ?? false;
  }

  openCount(): number {
    return this.storms.size;
  }

  /** This server has just brought that group to the storm. */
  addMember(team: string, workflowId: string): void {
    this.stormOf(team).set(workflowId, this.now());
  }

  /** The storm runs, but its members are not known: what this server believed stays. */
  stormRuns(team: string): void {
    this.stormOf(team);
  }

  /** Temporal says that the storm has no run left: its members are forgotten. */
  stormEnded(team: string): void {
    const members = this.storms.get(team);
    if (!this.storms.delete(team)) return;
    this.log.info({ team, members: members?.size }, 'storm over: every group gets its own incident again');
  }

  /** The result of a poll that began at `polledAt`; members null: there is no storm. */
  setMembers(team: string, members: readonly string[] | null, polledAt: number): void {
    if (members === null) {
      if (this.addedSince(team, polledAt).length === 0) this.stormEnded(team);
      return;
    }
    this.stormOf(team);
    const others = members.map((member) => [member, -Infinity] as const);
    this.storms.set(team, new Map([...others, ...this.addedSince(team, polledAt - SIGNAL_IN_FLIGHT_MS)]));
  }

  private stormOf(team: string): Map<string, number> {
    const members = this.storms.get(team) ?? new Map<string, number>();
    if (!this.storms.has(team)) {
      this.log.warn({ team, workflowId: stormWorkflowIdFor(team) }, 'storm: new groups of the team join one incident');
    }
    this.storms.set(team, members);
    return members;
  }

  /** Members that perhaps only this server knows. */
  private addedSince(team: string, at: number): readonly (readonly [string, number])[] {
    return [...(this.storms.get(team) ?? [])].filter(([, addedAt]) => addedAt > at);
  }
}
