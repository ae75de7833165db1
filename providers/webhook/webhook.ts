/**
 * Webhooks: pages, stakeholder updates and calls for evidence as JSON, with `Idempotency-Key` set to their key. Any 2xx
 * accepts; runtime/failures.ts decides what other answers mean. Redirects are not followed.
 */
import type { Contact, EvidenceHook, StakeholderContact } from '../../activities/ports.ts';
import { callVendor } from '../shared/http.ts';
import { targetLike, type Vendor } from '../vendor.ts';

const target = targetLike('an http:// or https:// URL', /^https?:\/\/[^\s/]+/i).refine(
  (url) => URL.canParse(url),
  'this is not a URL that can be called',
);

export const webhook = {
  contacts: { webhook: { target } },
  stakeholderContacts: { webhook: target },
  connect: () => ({ contact: webhookContact, stakeholderContact: webhookStakeholderContact }),
} satisfies Vendor;

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

function webhookStakeholderContact(url: string, method: string): StakeholderContact {
  return {
    method,
    send: async ({ key, audience, to, subject, text, incident }, signal) => {
      const body = { key, kind: 'stakeholder-update', audience, to, subject, text, incident };
      await callVendor('webhook', { method: 'POST', url, body, headers: { 'idempotency-key': key } }, signal);
    },
  };
}

interface EvidenceSetting {
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
