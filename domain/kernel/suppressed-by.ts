/** A maintenance window that holds an alert back, as the alert's report carries it. */
export interface SuppressedBy {
  /** What people call it. */
  readonly window: string;
  /** The workflow that can end or move it; null: it stands in the configuration. */
  readonly windowWorkflowId: string | null;
  /** When it ends as far as the edge knew, epoch ms. */
  readonly until: number;
}
