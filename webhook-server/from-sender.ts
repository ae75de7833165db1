/**
 * A message of monitoring, up to its handler: credential, room, type, body, signature, JSON, in this order. Nobody
 * without a credential reaches a parser, and nothing is read that there is no room for.
 */
import type { Request } from 'express';
import type { SourceSetting } from '../config/config.ts';
import type { Dispatch } from './dispatch.ts';
import { declaredLength, insistOnJson, parseJson, readBytes, WEBHOOK_BODY_LIMIT } from './http/body.ts';
import { HttpProblem } from './http/problem.ts';
import type { Answer, Route } from './http/route.ts';
import type { Trail } from './quarantine/trail.ts';
import { isSignedRight, judgeSender } from './security/source-auth.ts';

export interface FromSender {
  readonly route: Extract<Route, { access: 'source' }>;
  readonly req: Request;
  /** Epoch ms. */
  readonly receivedAt: number;
  readonly dispatch: Dispatch;
  /** Filled in on the way, for whoever has to refuse the message. */
  readonly trail: Trail;
}

export async function answerSender({ route, req, receivedAt, dispatch, trail }: FromSender): Promise<Answer> {
  const setting = dispatch.deps.config().sources.get(route.source);
  if (!setting) throw new HttpProblem(404, `the source ${route.source} is not configured`, { reason: 'unconfigured' });
  const verdict = judgeSender(req, setting);
  if (verdict === 'out') throw wrongSender(req, dispatch);
  trail.proved = verdict === 'in';
  insistOnJson(req);
  const declared = declaredLength(req);
  const place = dispatch.load.enter(declared > WEBHOOK_BODY_LIMIT ? 0 : declared, trail.proved ? 'proved' : 'claimed');
  try {
    const bytes = await readBytes(req, WEBHOOK_BODY_LIMIT, { grow: place.grow, cut: (some) => (trail.body = some) });
    trail.body = bytes;
    if (verdict === 'signed') insistOnSignature({ bytes, setting, req, receivedAt, dispatch });
    trail.proved = true;
    const params = req.params as Record<string, string>;
    // Awaited here: the room is taken until the answer is known, since a message in work takes more than its bytes.
    const body = route.body === 'bytes' ? bytes : parseJson(bytes);
    return await route.handle({ req, params, body, bearer: null, receivedAt });
  } finally {
    place.leave();
  }
}

interface Signed extends Pick<FromSender, 'req' | 'receivedAt' | 'dispatch'> {
  readonly bytes: Buffer;
  readonly setting: SourceSetting;
}

function insistOnSignature({ bytes, setting, req, receivedAt, dispatch }: Signed): void {
  if (!isSignedRight({ req, body: bytes, setting, now: receivedAt })) throw wrongSender(req, dispatch);
}

/** Always 401, with or without a credential: senders would not retry a 429 either, and it says less. */
export function wrongSender(req: Request, { throttle, deps }: Dispatch): HttpProblem {
  const quiet = throttle.wrong(req.socket.remoteAddress) > 0;
  if (!quiet)
    deps.log.warn({ from: req.socket.remoteAddress, path: req.path }, 'a sender without the right credential');
  const headers = { 'WWW-Authenticate': 'Bearer', ...(quiet ? { Connection: 'close' } : {}) };
  // PagerDuty's clients show their users these members.
  const words = { message: 'Invalid routing key', errors: ['routing_key is not one of those configured here'] };
  const members = req.path.startsWith('/v2/') ? { members: words } : {};
  const detail = 'the credential of a configured source is needed';
  return new HttpProblem(401, detail, { headers, reason: 'credential', ...members });
}
