/**
 * Grafana's HMAC: lower-case hex of HMAC-SHA256 over the raw body, or over `<unix seconds>:<body>` when a timestamp
 * header is configured. https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export const SIGNATURE_HEADER = 'x-grafana-alerting-signature';

/** A signed request older (or newer) than this is a replay. */
const WINDOW_MS = 5 * 60_000;

/** `timestamp` null: the signature covers the body alone. */
export function verifySignature({
  secret,
  signature,
  timestamp,
  body,
  now,
}: {
  readonly secret: string;
  readonly signature: string;
  readonly timestamp: string | null;
  readonly body: Buffer;
  readonly now: number;
}): boolean {
  if (!/^[0-9a-f]{64}$/.test(signature)) return false;
  const hmac = createHmac('sha256', secret);
  if (timestamp !== null) {
    if (!/^\d{1,11}$/.test(timestamp) || Math.abs(now - Number(timestamp) * 1000) > WINDOW_MS) return false;
    hmac.update(`${timestamp}:`);
  }
  return timingSafeEqual(hmac.update(body).digest(), Buffer.from(signature, 'hex'));
}
