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
export class TemporalAway extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TemporalAway';
  }
}

/** Temporal got it, perhaps, and did not answer in time. */
export class TooLate extends TemporalAway {
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
    this.name = 'TooLate';
  }
}

/** Temporal refused it, and would refuse it again. */
export class Poison extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Poison';
  }
}

const INVALID_ARGUMENT = 3;
const INTERNAL = 13;
const DEADLINE_EXCEEDED = 4;

/** The failed call may have been carried out all the same. */
export const mayBeDone = (err: unknown): boolean =>
  err instanceof TooLate || grpcStatus(err).code === DEADLINE_EXCEEDED;

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
export function isAnswer(err: unknown): boolean {
  return err instanceof WorkflowNotFoundError || err instanceof WorkflowExecutionAlreadyStartedError;
}

/** Sorts a failed call that was no answer. */
export function judge(err: unknown): TemporalAway | Poison {
  if (err instanceof TemporalAway || err instanceof Poison) return err;
  const { code, text } = grpcStatus(err);
  if (err instanceof NamespaceNotFoundError) return new TemporalAway(`no namespace: ${text}`, { cause: err });
  if (code === null && isEncodingError(err)) return new Poison(`cannot be encoded: ${text}`, { cause: err });
  if (code === INVALID_ARGUMENT) return new Poison(text, { cause: err });
  // The server checks texts after decoding; the message must not come back for ever.
  if (code === INTERNAL && /utf-?8/i.test(text)) return new Poison(text, { cause: err });
  return new TemporalAway(text, { cause: err });
}

/** Raised by our side, before anything was sent. */
function isEncodingError(err: unknown): boolean {
  return err instanceof TypeError || (err instanceof Error && /ValueError|PayloadConverterError/.test(err.name));
}
