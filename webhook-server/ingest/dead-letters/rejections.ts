/**
 * What follows when a sender's message is refused: it is counted; and when the sender is ours and will not send it
 * again, it is logged, kept, and people are told. An unauthenticated client is counted, and can do no more than that.
 */
import { join } from 'node:path';
import type { AppDeps } from '../../dependencies.ts';
import type { SourceName } from '../../../config/sections/sources.ts';
import { declaredLength, readBeginning } from '../../http/body.ts';
import type { HttpProblem } from '../../http/problem.ts';
import type { ServerMetrics } from '../../health/metrics.ts';
import { secretsOf } from './redact-secrets.ts';
import { createRejectionAlert } from './rejection-alert.ts';
import { createDeadLetterStore } from './dead-letter-store.ts';
import { isKnownSender, type RejectedRequest } from './rejected-message.ts';

export interface Rejections {
  /** Takes half a second at most, and never throws. */
  handleRejection(refused: Rejection): Promise<void>;
}

interface Rejection extends Pick<RejectedRequest, 'req' | 'received'> {
  readonly source: SourceName;
  readonly problem: HttpProblem;
}

/** Where they are kept in a state directory. */
export const rejectedFolderOf = (home: string): string => join(home, 'rejected');

/** Of a body that nobody has read, because its size or type was wrong already. */
const BEGINNING_BYTES = 64 * 1024;
const BEGINNING_MS = 150;
const DISK_MS = 250;
const LOG_INTERVAL_MS = 1000;

export function createRejections(deps: AppDeps, metrics: ServerMetrics): Rejections {
  const { config, gateway, log, stateDirectory, now = Date.now } = deps;
  const deadLetters = createDeadLetterStore({
    directory: rejectedFolderOf(stateDirectory),
    onProblem: (err) => log.error({ err }, 'a refused message could not be kept'),
  });
  const rejectionAlert = createRejectionAlert({ config, gateway, log });
  const lastLoggedAt = new Map<string, number>();

  async function keep({ req, source, status, reason, at, received }: RejectedRequest): Promise<void> {
    const body = received.body ?? (await readBeginning(req, BEGINNING_BYTES, BEGINNING_MS));
    const message = {
      ...{ at, source, reason, status, from: req.socket.remoteAddress ?? null },
      contentType: req.headers['content-type']?.slice(0, 100) ?? null,
      contentEncoding: req.headers['content-encoding']?.slice(0, 100) ?? null,
      declaredBytes: req.headers['content-length'] === undefined ? null : declaredLength(req),
      ...{ body: reason === 'too_large' ? body.subarray(0, BEGINNING_BYTES) : body, whole: req.complete },
    };
    const written = deadLetters.keep(message, secretsOf(config()));
    await Promise.race([written, new Promise((resolve) => setTimeout(resolve, DISK_MS).unref())]);
  }

  /** Lines that anyone can cause, or that come by the thousand, are written once a second. */
  function logRejection(
    message: RejectedRequest,
    { isOurs, problems }: { isOurs: boolean; problems: HttpProblem['extras']['problems'] },
  ): void {
    const { source, status, reason, at, req } = message;
    if (!isOurs || reason === 'overload') {
      if (at - (lastLoggedAt.get(reason) ?? -Infinity) < LOG_INTERVAL_MS) return;
      lastLoggedAt.set(reason, at);
    }
    const line = { source, status, reason, problems, from: req.socket.remoteAddress };
    if (isOurs) log.error(line, 'a message was refused');
    else log.warn(line, 'a request to a source was refused');
  }

  return {
    async handleRejection({ req, source, received, problem }) {
      const reason = problem.extras.reason ?? String(problem.status);
      metrics.rejected.inc({ source, reason });
      if (problem.status === 401) return;
      const message = { req, source, received, reason, status: problem.status, at: now() };
      const isOurs = isKnownSender(message, config().sources.get(source));
      logRejection(message, { isOurs, problems: problem.extras.problems });
      if (!isOurs || !isLostToSender(message)) return;
      rejectionAlert.raise(message);
      await keep(message).catch((err: unknown) => log.error({ err }, 'a refused message could not be kept'));
    },
  };
}

/** The sender takes it for answered, or will fail with it for ever; not merely "come again" or "hung up". */
function isLostToSender({ status, reason }: RejectedRequest): boolean {
  if (reason === 'bug') return true;
  return (status === 400 || status === 413 || status === 415) && reason !== 'cut_off';
}
