/**
 * Classifies a failed call to Temporal: try again later (`TemporalUnavailable`), never try again
 * (`RejectedByTemporal`), or an ordinary answer (no such workflow). The only place that decides this.
 */
import {
  NamespaceNotFoundError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client';

/** Temporal did not take it and may do so later. */
export class TemporalUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TemporalUnavailable';
  }
}

/** Temporal did not answer in time; it may have taken it. */
export class TemporalTimeout extends TemporalUnavailable {
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
    this.name = 'TemporalTimeout';
  }
}

/** Temporal refused it, and would refuse it again. */
export class RejectedByTemporal extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RejectedByTemporal';
  }
}

const INVALID_ARGUMENT = 3;
const INTERNAL = 13;
const DEADLINE_EXCEEDED = 4;

/** The call failed, but Temporal may have carried it out. */
export const mayHaveHappened = (err: unknown): boolean =>
  err instanceof TemporalTimeout || grpcStatus(err).code === DEADLINE_EXCEEDED;

/** The innermost gRPC status code and text of an error, from either connection. */
export function grpcStatus(err: unknown): { readonly code: number | null; readonly text: string } {
  let code: number | null = null;
  let text = '';
  for (let at: unknown = err; at instanceof Error; at = at.cause) {
    text = at.message;
    if ('code' in at && typeof at.code === 'number') code = at.code;
  }
  return { code, text };
}

/** True for answers that prove that Temporal is reachable; the caller handles them. */
export function isWorkflowAnswer(err: unknown): boolean {
  return err instanceof WorkflowNotFoundError || err instanceof WorkflowExecutionAlreadyStartedError;
}

/** For a failed call that is no `isWorkflowAnswer`. */
export function classifyTemporalError(err: unknown): TemporalUnavailable | RejectedByTemporal {
  if (err instanceof TemporalUnavailable || err instanceof RejectedByTemporal) return err;
  const { code, text } = grpcStatus(err);
  if (err instanceof NamespaceNotFoundError) return new TemporalUnavailable(`no namespace: ${text}`, { cause: err });
  if (code === null && isEncodingError(err))
    return new RejectedByTemporal(`cannot be encoded: ${text}`, { cause: err });
  if (code === INVALID_ARGUMENT) return new RejectedByTemporal(text, { cause: err });
  // The server checks texts only after decoding, so a retry would fail forever.
  if (code === INTERNAL && /utf-?8/i.test(text)) return new RejectedByTemporal(text, { cause: err });
  return new TemporalUnavailable(text, { cause: err });
}

/** Raised by the client before anything was sent. */
function isEncodingError(err: unknown): boolean {
  return err instanceof TypeError || (err instanceof Error && /ValueError|PayloadConverterError/.test(err.name));
}
