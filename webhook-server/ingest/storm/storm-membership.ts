/**
 * What this server believes of each team's storm: whether there is one, and which groups joined it. In memory only,
 * so that an alert never waits for a question; looked up in the background, and at once where this server knows first.
 */
import type { Logger } from 'pino';
import { stormWorkflowIdFor } from '../../../config/correlation-key.ts';

export interface StormMembership {
  isOpen(team: string): boolean;
  isMember(team: string, workflowId: string): boolean;
  /** How many storms there are. */
  openCount(): number;
  /** This server has just brought that group to the storm. */
  addMember(team: string, workflowId: string): void;
  /** Temporal says that no run of it is left: its members are forgotten. */
  stormEnded(team: string): void;
  /** It runs, but nobody says who its members are: what is known stays. */
  stormRuns(team: string): void;
  /** What a look found that began at `lookedAt`; members null: no storm. */
  setMembers(team: string, members: readonly string[] | null, polledAt: number): void;
}

/** A signal may not have been taken in yet when the storm is asked for its members. */
const SIGNAL_IN_FLIGHT_MS = 30_000;

/** `now`: the clock of `lookedAt`. */
export function createStormMembership(now: () => number, log: Pick<Logger, 'info' | 'warn'>): StormMembership {
  /** By team, only open storms: member → when this server brought it (-Infinity: others did). */
  const storms = new Map<string, Map<string, number>>();

  function stormOf(team: string): Map<string, number> {
    const members = storms.get(team) ?? new Map<string, number>();
    if (!storms.has(team)) {
      log.warn({ team, workflowId: stormWorkflowIdFor(team) }, 'a storm: further groups of the team join one incident');
    }
    storms.set(team, members);
    return members;
  }

  function stormEnded(team: string): void {
    const members = storms.get(team);
    if (!storms.delete(team)) return;
    log.info({ team, members: members?.size }, 'the storm is over: every group is an incident of its own again');
  }

  /** Those whom only this server may know yet. */
  const addedSince = (team: string, polledAt: number): readonly (readonly [string, number])[] =>
    [...(storms.get(team) ?? [])].filter(([, at]) => at > polledAt);

  return {
    isOpen: (team) => storms.has(team),
    isMember: (team, workflowId) => storms.get(team)?.has(workflowId) ?? false,
    openCount: () => storms.size,
    addMember: (team, workflowId) => void stormOf(team).set(workflowId, now()),
    stormEnded,
    stormRuns: (team) => void stormOf(team),
    setMembers(team, members, polledAt) {
      if (members === null) {
        if (addedSince(team, polledAt).length === 0) stormEnded(team);
        return;
      }
      stormOf(team);
      const others = members.map((member) => [member, -Infinity] as const);
      storms.set(team, new Map([...others, ...addedSince(team, polledAt - SIGNAL_IN_FLIGHT_MS)]));
    },
  };
}
