/** Maintenance that a person declared: which alerts it holds back, why, and until when. Times are epoch ms. */
export interface MaintenanceWindow {
  /** `maintenance-<ulid>`: the workflow that can end or move it. */
  readonly id: string;
  /** Label → exact value or glob, as a route's. Never empty. */
  readonly match: Readonly<Record<string, string>>;
  readonly reason: string;
  readonly by: string;
  readonly from: number;
  readonly until: number;
}

/** Nobody forgets a window for longer than this. */
export const LONGEST_WINDOW_MS = 30 * 86_400_000;

/** A maintenance window that holds an alert back, as the alert's report carries it. */
export interface SuppressedBy {
  /** What people call it. */
  readonly window: string;
  /** The workflow that can end or move it; null: it stands in the configuration. */
  readonly windowWorkflowId: string | null;
  /** When it ends as far as the edge knew, epoch ms. */
  readonly until: number;
}
