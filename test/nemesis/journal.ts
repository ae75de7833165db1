/** What was asked and what was answered: the history against which the promises are checked. */

/** An alert of one start, as it was sent. */
export interface SentAlert {
  readonly group: string;
  readonly severity: 'critical' | 'high' | 'warning' | 'sev1';
  readonly fingerprint: string;
  /** Epoch ms. */
  readonly startsAt: number;
  readonly status: 'firing' | 'resolved';
}

/** A 202: from here on nothing may be lost. */
export interface AcceptedAlert extends SentAlert {
  readonly at: number;
  /** The incidents that the answer names. */
  readonly workflowIds: readonly string[];
}

export interface AnsweredCommand {
  readonly at: number;
  readonly workflowId: string;
  readonly command: string;
  /** Of `addNote`: a text that nobody else writes. */
  readonly text: string | null;
  /** 0: no answer. */
  readonly status: number;
  /** The answer says what happened: `text`, `pending` or a problem's `detail`. */
  readonly isExplained: boolean;
}

export interface Journal {
  readonly accepted: AcceptedAlert[];
  readonly commands: AnsweredCommand[];
  /** Answers to alerts by status code; 0: none. */
  readonly answers: Map<number, number>;
}

export const newJournal = (): Journal => ({ accepted: [], commands: [], answers: new Map() });
