/**
 * What a server remembers so that it can decide about storms without asking anyone: which runs exist, how many
 * incidents each team got in the last minute, which of them page nobody, and which group belongs to which storm. In
 * memory only; an error costs one page too many, never one too few.
 *
 * `now` is always a monotonic clock, in ms.
 */
import type { Logger } from 'pino';
import { stormWorkflowIdFor } from '../../../config/routing.ts';
import type { StormGroup } from '../../../domain/kernel/alert.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';

type Clock = () => number;

const MINUTE_MS = 60_000;
export const MAX_KNOWN_RUNS = 50_000;
/** Three times the interval between two lists. */
const LIST_IS_FRESH_MS = 30_000;

/** Workflow ids that recently had a run, up to a limit; those seen least recently are forgotten first. */
export class KnownRuns {
  /** Id → when it was last seen, oldest first. */
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
    this.ids.delete(workflowId); // moves the id to the end
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

  /** `all` runs, from a list begun at `since`: forgets every id not seen later. */
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
 * How many incidents each team got in the last minute. A group is counted once in that minute, so that alerts that come
 * again (from the spool, from a second sender) do not count twice.
 */
export class NewIncidentRateLimiter {
  /** By team: workflow id → when it was counted, oldest first. */
  private readonly windows = new Map<string, Map<string, number>>();
  private readonly now: Clock;

  constructor(now: Clock) {
    this.now = now;
  }

  /** True when `workflowId` is among the `limit` new incidents of the minute; counts it if it is new. */
  take(team: string, workflowId: string, limit: number): boolean {
    if (!this.hasRoom(team, workflowId, limit)) return false;
    const window = this.windowOf(team);
    if (!window.has(workflowId)) window.set(workflowId, this.now());
    return true;
  }

  /** The result that `take` would return, without counting. */
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
 * Incidents opened in the last minute that page nobody at once. If a storm follows, its pages name them: they belong to
 * what is happening, and otherwise nobody would notice them for an hour.
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

  /** The team's incidents of the last minute that no storm has yet. */
  take(team: string): readonly StormGroup[] {
    const kept = [...(this.teams.get(team)?.values() ?? [])];
    this.teams.delete(team);
    return kept.filter(({ at }) => this.now() - at < MINUTE_MS).map(({ group }) => group);
  }
}

/** A storm queried for its members may not have processed a signal that is on its way. */
const SIGNAL_IN_FLIGHT_MS = 30_000;

/** Which teams have a storm, and which groups joined it. */
export class StormMembership {
  /** By team, only open storms: member → when this server added it (-Infinity: another server did). */
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

  /** This server has just added that group to the storm. */
  addMember(team: string, workflowId: string): void {
    this.stormOf(team).set(workflowId, this.now());
  }

  /** The storm runs, but its members could not be read: keeps what is remembered. */
  stormRuns(team: string): void {
    this.stormOf(team);
  }

  /** The storm no longer has a run: forgets its members. */
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
