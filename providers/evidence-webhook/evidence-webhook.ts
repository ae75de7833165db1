/**
 * A hook that keeps evidence: the incident and its time as JSON, `Idempotency-Key` set to the key. 2xx takes it; what
 * else means is decided in runtime/failures.ts. Redirects are not followed.
 */
import type { EvidenceHook } from '../../activities/ports.ts';
import { callVendor } from '../shared/http.ts';

export interface EvidenceSetting {
  readonly url: string;
  /** Sent as `Authorization: Bearer`; null: none. */
  readonly token: string | null;
}

export function evidenceWebhook({ url, token }: EvidenceSetting): EvidenceHook {
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
  return {
    gather: async (body, signal) => {
      const headers = { 'idempotency-key': body.key, ...authorization };
      await callVendor('evidence', { method: 'POST', url, body, headers }, signal);
    },
  };
}
