/**
 * The first thing every request meets, before any credential or parser: framing that Node lets through and that we do
 * not. Throws `HttpProblem`.
 */
import type { IncomingMessage } from 'node:http';
import { HttpProblem } from '../http/problem.ts';

/** Node cuts surplus headers in silence, so more than this is refused instead. */
const HEADER_LIMIT = 100;

export function passGate(req: IncomingMessage): void {
  const { rawHeaders } = req;
  if (rawHeaders.length > HEADER_LIMIT * 2) {
    throw new HttpProblem(431, `more than ${HEADER_LIMIT} headers`, { reason: 'headers' });
  }
  const encoding = req.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new HttpProblem(415, 'send the body without Content-Encoding', { reason: 'encoding' });
  }
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) if (rawHeaders[i]?.toLowerCase() === 'host') hosts += 1;
  if (hosts !== 1) throw new HttpProblem(400, 'send exactly one Host header', { reason: 'host' });
}
