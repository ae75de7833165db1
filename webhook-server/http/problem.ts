/**
 * An error as RFC 9457 `application/problem+json` with `problems: [{ at, message }]`. Thrown anywhere below a route and
 * answered in one place. Never contains what the sender sent.
 */
import { STATUS_CODES } from 'node:http';
import type { Problem } from '../../domain/kernel/commands.ts';

export interface ProblemExtras {
  readonly problems?: readonly Problem[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the response, e.g. `allowed`. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** Short reason for logs and metrics: `too_large`, `encoding` … */
  readonly reason?: string;
}

export class HttpProblem extends Error {
  readonly status: number;
  readonly extras: ProblemExtras;
  constructor(status: number, detail: string, extras: ProblemExtras = {}) {
    super(detail);
    this.name = 'HttpProblem';
    this.status = status;
    this.extras = extras;
  }
}

/** The body of the response. */
export function problemBody({ status, message, extras }: HttpProblem): Readonly<Record<string, unknown>> {
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: message,
    problems: extras.problems ?? [],
    ...extras.members,
  };
}

/** A 400 that names fields. */
export const invalidRequest = (problems: readonly Problem[], detail = 'the request cannot be read'): HttpProblem =>
  new HttpProblem(400, detail, { problems, reason: 'invalid' });
