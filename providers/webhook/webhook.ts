/**
 * A person reached by webhook: the page as JSON, `Idempotency-Key` set to its key. 2xx accepts; what else means is
 * decided in runtime/failures.ts. Redirects are not followed.
 */
import type { Contact } from '../../activities/ports.ts';
import { callVendor } from '../shared/http.ts';

/** `method` names it in keys and deliveries: `webhook`, or `webhook-2` for a person's second. */
export function webhookContact(url: string, method: string): Contact {
  return {
    method,
    quiet: false,
    send: async (page, signal) => {
      await callVendor(
        'webhook',
        { method: 'POST', url, body: page, headers: { 'idempotency-key': page.key } },
        signal,
      );
    },
  };
}
