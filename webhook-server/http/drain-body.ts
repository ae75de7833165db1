/**
 * What to do with a body that is still on its way when the request has been refused: throw it away for a moment, so
 * that the sender gets to read the answer, then hang up. Never reads on at a sender's leisure.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

const DRAIN_MS = 1000;

export function drainAfterResponse(req: IncomingMessage, res: ServerResponse): void {
  res.once('finish', () => {
    if (req.complete) return;
    req.resume();
    const hangUp = setTimeout(() => req.socket.destroy(), DRAIN_MS);
    req.once('end', () => clearTimeout(hangUp));
    req.once('close', () => clearTimeout(hangUp));
  });
}
