/** What is left to do once an incident is resolved, as its state keeps it. Times are epoch ms. */
export interface ActionItem {
  /** `A1`, `A2` …: counted within the incident. */
  readonly id: string;
  readonly text: string;
  readonly owner: string | null;
  /** `YYYY-MM-DD`, a day of the organization's calendar. */
  readonly due: string | null;
  readonly addedAt: number;
  readonly addedBy: string;
  readonly doneAt: number | null;
  readonly doneBy: string | null;
}

export interface Postmortem {
  readonly doneAt: number;
  readonly doneBy: string;
  /** Where it is, if not here. */
  readonly url: string | null;
}

/** Since the last resolution. Times are epoch ms. */
export interface FollowUps {
  /** Counts the resolutions of the incident, from 1: keys of what is done once for each are made of it. */
  readonly resolutionCount: number;
  /** Export and draft; null: no post-mortem is required, so none is drafted. */
  readonly draft: 'pending' | 'late' | 'ready' | null;
  /** Hooks that have not gathered their evidence yet. */
  readonly evidence: readonly string[];
  /** The owner of the post-mortem has been notified. */
  readonly postmortemAnnounced: boolean;
  /** When people are reminded next; null: the calendar was not asked yet. */
  readonly review: Review | null;
  readonly reviewedAt: number | null;
  /** Items without a day, and when they were spoken of last. */
  readonly remindedAt: Readonly<Record<string, number>>;
}

/** When business opens on a day of the team's calendar. */
export interface BusinessDay {
  /** Epoch ms; within business hours for a review that was to be at once. */
  readonly at: number;
  /** `YYYY-MM-DD` in the team's zone. */
  readonly date: string;
}

export interface Review {
  /** Nothing before this was worth a review when it was planned, epoch ms. */
  readonly from: number;
  /** Its own day, and the two business days after it. */
  readonly days: readonly [BusinessDay, BusinessDay, BusinessDay];
}

/** Of the post-mortem: the owner hears of it, it is due before two business days have passed, or it was. */
export type PostmortemStage = 'begun' | 'due' | 'overdue';
