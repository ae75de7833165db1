/** Maintenance that a person declared: which alerts it suppresses, why, and until when. Times are epoch ms. */
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

/** The longest window allowed, so that a forgotten one ends. */
export const LONGEST_WINDOW_MS = 30 * 86_400_000;

/** A maintenance window that suppresses an alert, as the alert's report carries it. */
export interface SuppressedBy {
  /** What people call it. */
  readonly window: string;
  /** The workflow that can end or move it; null: it stands in the configuration. */
  readonly windowWorkflowId: string | null;
  /** When it ends as far as the server knew, epoch ms. */
  readonly until: number;
}
