/**
 * Security headers of every answer. No HSTS and no `upgrade-insecure-requests`: many installations are plain HTTP
 * inside a network, and whoever terminates TLS in front of us sets those.
 */
import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** `styles`: the inline style sheets that pages of ours carry, allowed by their hash and nothing else. */
export function securityHeaders(styles: readonly string[]): RequestHandler {
  const hashes = styles.map((css) => `'sha256-${createHash('sha256').update(css).digest('base64')}'`);
  return helmet({
    strictTransportSecurity: false,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'style-src': hashes.length > 0 ? hashes : ["'none'"],
        'form-action': ["'self'"],
        'base-uri': ["'none'"],
        'frame-ancestors': ["'none'"],
      },
    },
    // A page behind an acknowledge link must not hand its address on.
    referrerPolicy: { policy: 'no-referrer' },
  });
}
