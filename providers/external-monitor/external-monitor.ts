/** The monitor outside that waits for our beats, told at its `/fail` that a chain has ended without an answer. */
import type { Chat } from '../../activities/ports.ts';
import { callVendor } from '../shared/http.ts';

const TRIES = 3;

/**
 * Hears the posts about exhausted chains and nothing else. Never fails: what it did not hear holds up no chat.
 * `onMissed` is told when it could not be reached.
 */
export function externalMonitor(pingUrl: string, onMissed: (err: unknown) => void): Chat {
  return {
    post: async ({ about, text }, { incident }, signal) => {
      if (about !== 'escalation-exhausted') return;
      const body = { reason: text, incident: incident.url };
      for (let left = TRIES; left > 0; left -= 1) {
        try {
          await callVendor('outside monitor', { method: 'POST', url: failUrl(pingUrl), body }, signal);
          return;
        } catch (err) {
          if (left === 1) onMissed(err);
        }
      }
    },
  };
}

/** `/fail` below the address, before its query. */
export function failUrl(pingUrl: string): string {
  const url = new URL(pingUrl);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/fail`;
  return url.href;
}
