/**
 * How often an incident hears of changed digits ("92 % full", "93 % full"): at once after a quiet time, then at most
 * once a minute, and ever more seldom while it goes on. Each signal costs an incident's history a dozen events.
 */
const FIRST_MS = 60_000;
const LONGEST_MS = 16 * 60_000;
/** Without such news for this long, it no longer goes on. */
const QUIET_MS = 10 * 60_000;

interface Spacing {
  readonly spacingMs: number;
  readonly nextAt: number;
  /** When there was such news. */
  readonly newsAt: number;
}

export class NewsSpacing {
  /** By workflow id, in the sequence of the last change. */
  private readonly runs = new Map<string, Spacing>();
  private readonly now: () => number;
  private readonly limit: number;

  constructor(now: () => number, limit: number) {
    this.now = now;
    this.limit = limit;
  }

  /** The run has just been told everything. */
  delivered(workflowId: string): void {
    const { spacingMs, newsAt } = this.spacingOf(workflowId);
    this.set(workflowId, { spacingMs, newsAt, nextAt: this.now() + spacingMs });
  }

  /** The run may hear of changed digits now; if so, the next time is later. `isOnlyAsked`: nothing is delivered. */
  isDue(workflowId: string, isOnlyAsked: boolean): boolean {
    const at = this.now();
    const { spacingMs, nextAt, newsAt } = this.spacingOf(workflowId);
    const isDue = at >= nextAt;
    if (isOnlyAsked) return isDue;
    const next = at - newsAt > QUIET_MS ? FIRST_MS : Math.min(spacingMs * 2, LONGEST_MS);
    this.set(
      workflowId,
      isDue ? { spacingMs: next, nextAt: at + next, newsAt: at } : { spacingMs, nextAt, newsAt: at },
    );
    return isDue;
  }

  private spacingOf(workflowId: string): Spacing {
    return this.runs.get(workflowId) ?? { spacingMs: FIRST_MS, nextAt: -Infinity, newsAt: -Infinity };
  }

  private set(workflowId: string, spacing: Spacing): void {
    this.runs.delete(workflowId); // moves the key to the end
    this.runs.set(workflowId, spacing);
    for (const oldest of this.runs.keys()) {
      if (this.runs.size <= this.limit) return;
      this.runs.delete(oldest);
    }
  }
}
