/**
 * What a failed call to Temporal means for an alert: try again later (`TemporalAway`), never try again (`Poison`), or
 * an answer like any other (no such workflow). Told apart here and nowhere else.
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

/** Temporal got it, perhaps, and did not answer in time. */
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

/** The failed call may have been carried out all the same. */
export const mayHaveHappened = (err: unknown): boolean =>
  err instanceof TemporalTimeout || grpcStatus(err).code === DEADLINE_EXCEEDED;

/** The innermost gRPC status code and text of an error, whichever of the two connections it came from. */
export function grpcStatus(err: unknown): { readonly code: number | null; readonly text: string } {
  let code: number | null = null;
  let text = '';
  for (let at: unknown = err; at instanceof Error; at = at.cause) {
    text = at.message;
    if ('code' in at && typeof at.code === 'number') code = at.code;
  }
  return { code, text };
}

/** True for answers that prove Temporal is there: the caller knows what to do with them. */
export function isWorkflowAnswer(err: unknown): boolean {
  return err instanceof WorkflowNotFoundError || err instanceof WorkflowExecutionAlreadyStartedError;
}

/** Sorts a failed call that was no answer. */
export function classifyTemporalError(err: unknown): TemporalUnavailable | RejectedByTemporal {
  if (err instanceof TemporalUnavailable || err instanceof RejectedByTemporal) return err;
  const { code, text } = grpcStatus(err);
  if (err instanceof NamespaceNotFoundError) return new TemporalUnavailable(`no namespace: ${text}`, { cause: err });
  if (code === null && isEncodingError(err))
    return new RejectedByTemporal(`cannot be encoded: ${text}`, { cause: err });
  if (code === INVALID_ARGUMENT) return new RejectedByTemporal(text, { cause: err });
  // The server checks texts after decoding; the message must not come back for ever.
  if (code === INTERNAL && /utf-?8/i.test(text)) return new RejectedByTemporal(text, { cause: err });
  return new TemporalUnavailable(text, { cause: err });
}

/** Raised by our side, before anything was sent. */
function isEncodingError(err: unknown): boolean {
  return err instanceof TypeError || (err instanceof Error && /ValueError|PayloadConverterError/.test(err.name));
}
