/**
 * Checks on every request before any credential or parser (framing that Node accepts and we do not), and the security
 * headers of every response.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import { HttpProblem } from '../http/problem.ts';

/** Node silently drops surplus headers, so we refuse more than this. */
const HEADER_COUNT_LIMIT = 100;
/** Longer than any of our URLs; the longest are acknowledge links and searches. */
const URL_LENGTH_LIMIT = 8192;

export function checkRequestLimits(req: IncomingMessage): void {
  const { rawHeaders, url = '' } = req;
  if (rawHeaders.length > HEADER_COUNT_LIMIT * 2) {
    throw new HttpProblem(431, `more than ${HEADER_COUNT_LIMIT} headers`, { reason: 'headers' });
  }
  if (url.length > URL_LENGTH_LIMIT) {
    const headers = { Connection: 'close' };
    throw new HttpProblem(414, `an address of more than ${URL_LENGTH_LIMIT} characters`, { headers, reason: 'url' });
  }
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) if (rawHeaders[i]?.toLowerCase() === 'host') hosts += 1;
  if (hosts !== 1) throw new HttpProblem(400, 'send exactly one Host header', { reason: 'host' });
}

/** Checked before any credential: decompression has been exploited before, so we offer none. Throws 415. */
export function refuseEncoding(req: IncomingMessage): void {
  const encoding = req.headers['content-encoding'];
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return;
  throw new HttpProblem(415, 'send the body without Content-Encoding', { reason: 'encoding' });
}

/** `styles`: the inline style sheets of our pages, allowed by their hash; nothing else is. */
export function securityHeaders(styles: readonly string[]): RequestHandler {
  const hashes = styles.map((css) => `'sha256-${createHash('sha256').update(css).digest('base64')}'`);
  return helmet({
    strictTransportSecurity: false,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'img-src': ['data:'],
        'style-src': hashes.length > 0 ? hashes : ["'none'"],
        'form-action': ["'self'"],
        'base-uri': ["'none'"],
        'frame-ancestors': ["'none'"],
      },
    },
    // A page behind an acknowledge link must not leak its URL as a referrer.
    referrerPolicy: { policy: 'no-referrer' },
  });
}
