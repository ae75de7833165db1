/**
 * A sender's message up to its handler: credential, type, load limit, body, signature, JSON, in this sequence. Nobody
 * without a credential reaches a parser, and no body is read for which the load limit has no room.
 */
import type { Request } from 'express';
import type { SourceSetting } from '../../config/sections/sources.ts';
import type { DispatchContext } from '../http/dispatch.ts';
import { declaredLength, requireJson, parseJson, readBytes, WEBHOOK_BODY_LIMIT } from '../http/body.ts';
import { HttpProblem } from '../http/problem.ts';
import type { RouteResponse, Route } from '../http/route.ts';
import type { ReceivedMessage } from './dead-letters/rejections.ts';
import { isBodyCredentialValid, authenticateSender } from '../security/source-auth.ts';

export interface SenderRequest {
  readonly route: Extract<Route, { access: 'source' }>;
  readonly req: Request;
  /** Epoch ms. */
  readonly receivedAt: number;
  readonly dispatch: DispatchContext;
  /** Filled in along the way, in case the message is rejected. */
  readonly received: ReceivedMessage;
}

export async function receiveMessage({
  route,
  req,
  receivedAt,
  dispatch,
  received,
}: SenderRequest): Promise<RouteResponse> {
  const setting = dispatch.deps.config().sources.get(route.source);
  if (!setting) throw new HttpProblem(404, `the source ${route.source} is not configured`, { reason: 'unconfigured' });
  const verdict = authenticateSender(req, setting);
  if (verdict === 'rejected') throw wrongCredential(req, dispatch);
  received.isAuthenticated = verdict === 'accepted';
  requireJson(req);
  const declared = declaredLength(req);
  const reservation = dispatch.load.admit(
    declared > WEBHOOK_BODY_LIMIT ? 0 : declared,
    received.isAuthenticated ? 'authenticated' : 'unverified',
  );
  try {
    const bytes = await readBytes(req, WEBHOOK_BODY_LIMIT, {
      onBytes: reservation.reportBytes,
      onRefused: (some) => (received.body = some),
    });
    received.body = bytes;
    if (verdict === 'needs-body') requireSignature({ bytes, setting, req, receivedAt, dispatch });
    received.isAuthenticated = true;
    const params = req.params as Record<string, string>;
    // Awaited here: the reservation lasts until the response, since a message in progress takes more than its bytes.
    const body = route.body === 'bytes' ? bytes : parseJson(bytes);
    return await route.handle({ req, params, query: {}, body, bearer: null, receivedAt });
  } finally {
    reservation.release();
  }
}

interface SignedBody extends Pick<SenderRequest, 'req' | 'receivedAt' | 'dispatch'> {
  readonly bytes: Buffer;
  readonly setting: SourceSetting;
}

function requireSignature({ bytes, setting, req, receivedAt, dispatch }: SignedBody): void {
  if (!isBodyCredentialValid({ req, body: bytes, setting, now: receivedAt })) throw wrongCredential(req, dispatch);
}

/** Always 401, with or without a credential: senders would not retry a 429 either, and a 401 reveals less. */
export function wrongCredential(req: Request, { throttle, deps }: DispatchContext): HttpProblem {
  const isThrottled = throttle.countWrongToken(req.socket.remoteAddress) > 0;
  if (!isThrottled)
    deps.log.warn({ from: req.socket.remoteAddress, path: req.path }, 'a sender without a valid credential');
  const headers = { 'WWW-Authenticate': 'Bearer', ...(isThrottled ? { Connection: 'close' } : {}) };
  // PagerDuty's clients show these members to their users.
  const pagerdutyError = {
    message: 'Invalid routing key',
    errors: ['routing_key is not one of those configured here'],
  };
  const members = req.path.startsWith('/v2/') ? { members: pagerdutyError } : {};
  const detail = 'the credential of a configured source is needed';
  return new HttpProblem(401, detail, { headers, reason: 'credential', ...members });
}
