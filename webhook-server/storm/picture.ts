/**
 * What this server believes of each team's storm: whether there is one, and which groups joined it. In memory only,
 * so that an alert never waits for a question; looked up in the background, and at once where this server knows first.
 */
import type { Logger } from 'pino';
import { stormWorkflowIdFor } from '../../config/identity.ts';

export interface Picture {
  isOpen(team: string): boolean;
  isMember(team: string, workflowId: string): boolean;
  /** How many storms there are. */
  open(): number;
  /** This server has just brought that group to the storm. */
  joined(team: string, workflowId: string): void;
  /** Temporal says that no run of it is left: its members are forgotten. */
  ended(team: string): void;
  /** It runs, but nobody says who its members are: what is known stays. */
  runs(team: string): void;
  /** What a look found that began at `lookedAt`; members null: no storm. */
  seen(team: string, members: readonly string[] | null, lookedAt: number): void;
}

/** A signal may not have been taken in yet when the storm is asked for its members. */
const ON_ITS_WAY_MS = 30_000;

/** `now`: the clock of `lookedAt`. */
export function createPicture(now: () => number, log: Pick<Logger, 'info' | 'warn'>): Picture {
  /** By team, only open storms: member → when this server brought it (-Infinity: others did). */
  const storms = new Map<string, Map<string, number>>();

  function begin(team: string): Map<string, number> {
    const members = storms.get(team) ?? new Map<string, number>();
    if (!storms.has(team)) {
      log.warn({ team, workflowId: stormWorkflowIdFor(team) }, 'a storm: further groups of the team join one incident');
    }
    storms.set(team, members);
    return members;
  }

  function ended(team: string): void {
    const members = storms.get(team);
    if (!storms.delete(team)) return;
    log.info({ team, members: members?.size }, 'the storm is over: every group is an incident of its own again');
  }

  /** Those whom only this server may know yet. */
  const fresh = (team: string, lookedAt: number): readonly (readonly [string, number])[] =>
    [...(storms.get(team) ?? [])].filter(([, at]) => at > lookedAt);

  return {
    isOpen: (team) => storms.has(team),
    isMember: (team, workflowId) => storms.get(team)?.has(workflowId) ?? false,
    open: () => storms.size,
    joined: (team, workflowId) => void begin(team).set(workflowId, now()),
    ended,
    runs: (team) => void begin(team),
    seen(team, members, lookedAt) {
      if (members === null) {
        if (fresh(team, lookedAt).length === 0) ended(team);
        return;
      }
      begin(team);
      const others = members.map((member) => [member, -Infinity] as const);
      storms.set(team, new Map([...others, ...fresh(team, lookedAt - ON_ITS_WAY_MS)]));
    },
  };
}
