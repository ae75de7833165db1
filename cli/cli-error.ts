/**
 * Exit codes, and the one error a command throws on purpose: what went wrong, and what to do about it.
 */
export const EXIT = {
  done: 0,
  refused: 1,
  notFound: 2,
  usage: 64,
  unavailable: 69,
  /** A bug of ours: we cannot know what happened. */
  internal: 70,
  configuration: 78,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An incident that could be meant; `headline` describes it in a line. */
export interface IncidentChoice {
  readonly reference: string | null;
  readonly workflowId: string;
  readonly headline: string;
}

export interface FailureDetails {
  /** What the person can do now. */
  readonly hint?: string;
  /** Commands that are possible instead, as `tocsin` calls them. */
  readonly allowed?: readonly string[];
  readonly problems?: readonly {
    readonly at: string;
    readonly message: string;
    /** Where it concerns a file; `line` from 1, null for the whole of it. */
    readonly file?: string;
    readonly line?: number | null;
  }[];
  /** Incidents that could be meant. */
  readonly incidents?: readonly IncidentChoice[];
}

export class CliError extends Error {
  readonly exitCode: ExitCode;
  readonly details: FailureDetails;
  constructor(exitCode: ExitCode, message: string, details: FailureDetails = {}) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
    this.details = details;
  }
}

/** What answered is not our server, or not the one we know. */
export const noAnswer = (message: string, hint = 'is that another service? Check TOCSIN_URL'): CliError =>
  new CliError(EXIT.unavailable, message, { hint });

/** Of an endpoint that servers before this version do not have. */
export const OR_OLDER = 'is that another service, or an older Tocsin? Check TOCSIN_URL';

/** The failure as lines for a person; untrusted parts are made safe by the caller's `print`. */
export function describeFailure({ message, details }: Pick<CliError, 'message' | 'details'>): string {
  const lines = [message];
  for (const { at, message: problem, file, line } of details.problems ?? []) {
    const path = line == null ? file : `${file}:${line}`;
    lines.push(`  ${[path, at, problem].filter(Boolean).join(': ')}`);
  }
  for (const { headline } of details.incidents ?? []) lines.push(`  ${headline}`);
  if (details.allowed?.length) lines.push(`possible now: ${details.allowed.join(', ')}`);
  if (details.hint) lines.push(details.hint);
  return lines.join('\n');
}
