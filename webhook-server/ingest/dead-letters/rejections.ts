/**
 * Handles rejected messages: each is counted; if a configured sender will not send it again, it is also logged and
 * kept, and people are alerted. An unauthenticated client can cause no more than a count.
 */
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { SourceName, SourceSetting } from '../../../config/sections/sources.ts';
import type { AppDeps } from '../../dependencies.ts';
import type { ServerMetrics } from '../../health/metrics.ts';
import { declaredLength, readBeginning } from '../../http/body.ts';
import type { HttpProblem } from '../../http/problem.ts';
import { authenticateSender } from '../../security/source-auth.ts';
import { DeadLetterStore, secretsOf } from './dead-letter-store.ts';
import { RejectionAlert } from './rejection-alert.ts';

/** What was known about a message when it was rejected. */
export interface ReceivedMessage {
  /** The sender has presented its credential. */
  isAuthenticated: boolean;
  /** The part of the body that was read; null: none. */
  body: Buffer | null;
}

interface RejectedRequest {
  readonly req: IncomingMessage;
  readonly source: SourceName;
  readonly status: number;
  /** A short reason of ours: `too_large`, `json` … */
  readonly reason: string;
  /** Epoch ms. */
  readonly at: number;
  readonly received: ReceivedMessage;
}

interface Rejection extends Pick<RejectedRequest, 'req' | 'received' | 'source'> {
  readonly problem: HttpProblem;
}

/** Where rejected messages are kept in a state directory. */
export const rejectedFolderOf = (home: string): string => join(home, 'rejected');

/** How much to read of a body that was rejected unread, for its size or type. */
const BEGINNING_BYTES = 64 * 1024;
const BEGINNING_MS = 150;
const DISK_MS = 250;
const LOG_INTERVAL_MS = 1000;

export class Rejections {
  private readonly deps: AppDeps;
  private readonly metrics: ServerMetrics;
  private readonly deadLetters: DeadLetterStore;
  private readonly rejectionAlert: RejectionAlert;
  private readonly lastLoggedAt = new Map<string, number>();

  constructor(deps: AppDeps, metrics: ServerMetrics) {
    this.deps = deps;
    this.metrics = metrics;
    this.deadLetters = new DeadLetterStore({
      directory: rejectedFolderOf(deps.stateDirectory),
      onProblem: (err) => deps.log.error({ err }, 'a rejected message could not be kept'),
    });
    this.rejectionAlert = new RejectionAlert(deps);
  }

  /** Takes half a second at most, and never throws. */
  async handleRejection({ req, source, received, problem }: Rejection): Promise<void> {
    const { config, log, now = Date.now } = this.deps;
    const reason = problem.extras.reason ?? String(problem.status);
    this.metrics.rejected.inc({ source, reason });
    if (problem.status === 401) return;
    const message = { req, source, received, reason, status: problem.status, at: now() };
    const isOurs = isKnownSender(message, config().sources.get(source));
    this.logRejection(message, { isOurs, problems: problem.extras.problems });
    if (!isOurs || !isLostToSender(message)) return;
    this.rejectionAlert.raise(message);
    await this.keep(message).catch((err: unknown) => log.error({ err }, 'a rejected message could not be kept'));
  }

  private async keep({ req, source, status, reason, at, received }: RejectedRequest): Promise<void> {
    const body = received.body ?? (await readBeginning(req, BEGINNING_BYTES, BEGINNING_MS));
    const message = {
      at,
      source,
      reason,
      status,
      from: req.socket.remoteAddress ?? null,
      contentType: req.headers['content-type']?.slice(0, 100) ?? null,
      contentEncoding: req.headers['content-encoding']?.slice(0, 100) ?? null,
      declaredBytes: req.headers['content-length'] === undefined ? null : declaredLength(req),
      body: reason === 'too_large' ? body.subarray(0, BEGINNING_BYTES) : body,
      whole: req.complete,
    };
    const written = this.deadLetters.keep(message, secretsOf(this.deps.config()));
    await Promise.race([written, new Promise((resolve) => setTimeout(resolve, DISK_MS).unref())]);
  }

  /** Log lines that anyone can cause, or by the thousand, are written once a second. */
  private logRejection(
    { source, status, reason, at, req }: RejectedRequest,
    { isOurs, problems }: { isOurs: boolean; problems: HttpProblem['extras']['problems'] },
  ): void {
    const { log } = this.deps;
    if (!isOurs || reason === 'overload') {
      if (at - (this.lastLoggedAt.get(reason) ?? -Infinity) < LOG_INTERVAL_MS) return;
      this.lastLoggedAt.set(reason, at);
    }
    const line = { source, status, reason, problems, from: req.socket.remoteAddress };
    if (isOurs) log.error(line, 'a message was rejected');
    else log.warn(line, 'a request to a source was rejected');
  }
}

/** The sender will not retry it, or every retry will fail. */
function isLostToSender({ status, reason }: RejectedRequest): boolean {
  if (reason === 'bug') return true;
  return (status === 400 || status === 413 || status === 415) && reason !== 'cut_off';
}

/**
 * True for a configured sender. A message may have been rejected before its credential was checked (for its encoding,
 * say): then its headers are checked; a signature, which covers the body, cannot be.
 */
function isKnownSender({ req, received }: RejectedRequest, setting: SourceSetting | undefined): boolean {
  return (
    received.isAuthenticated ||
    (setting !== undefined && received.body === null && authenticateSender(req, setting) === 'accepted')
  );
}
