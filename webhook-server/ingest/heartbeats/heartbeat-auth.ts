/** Who may beat: whoever has the heartbeat's own token; where it has none, whoever may send alerts. */
import type { IncomingMessage } from 'node:http';
import type { Config } from '../../../config/config.ts';
import { authorizationOf, sameSecret } from '../../security/credentials.ts';
import { isLoopback, authenticateSender } from '../../security/source-auth.ts';

/** By the head of the request alone: a signature covers a body, and a beat has none. */
export function maySendHeartbeat(req: IncomingMessage, name: string, { heartbeats, sources }: Config): boolean {
  // An unauthenticated client does not learn which names there are.
  const credential = heartbeats.get(name)?.credential ?? 'any-source';
  if (credential === 'none') return isLoopback(req.socket.remoteAddress);
  if (credential === 'any-source')
    return [...sources.values()].some((source) => authenticateSender(req, source) === 'accepted');
  const given = authorizationOf(req);
  return given !== null && sameSecret(given.secret, credential.token);
}
