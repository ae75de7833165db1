/**
 * Incidents that were opened in the last minute and page nobody at once. Should a storm follow, its pages name them:
 * they are a part of what is happening, and nobody would hear of them for an hour.
 */
import type { StormGroup } from '../../../domain/kernel/alert.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';

export interface RecentUnpagedIncidents {
  opened(routed: RoutedAlerts): void;
  /** Those of the team's last minute that no storm was told of, and from now on was. */
  take(team: string): readonly StormGroup[];
}

const WINDOW_MS = 60_000;
const KEPT_AT_MOST = 1_000;

/** `now`: of a clock that never goes back, ms. */
export function createRecentUnpagedIncidents(now: () => number): RecentUnpagedIncidents {
  /** By team: workflow id → the group and when it was opened, oldest first. */
  const teams = new Map<string, Map<string, { readonly at: number; readonly group: StormGroup }>>();

  return {
    opened({ declaration: { team, workflowId, title, severity, service, policy } }) {
      if (policy.severities[severity].pageAfterMs === 0) return;
      const kept = teams.get(team) ?? new Map<string, { at: number; group: StormGroup }>();
      teams.set(team, kept);
      kept.set(workflowId, { at: now(), group: { workflowId, title, severity, service, hasOwnIncident: true } });
      for (const [id, { at }] of kept) {
        if (kept.size <= KEPT_AT_MOST && now() - at < WINDOW_MS) break;
        kept.delete(id);
      }
    },
    take(team) {
      const kept = [...(teams.get(team)?.values() ?? [])];
      teams.delete(team);
      return kept.filter(({ at }) => now() - at < WINDOW_MS).map(({ group }) => group);
    },
  };
}
