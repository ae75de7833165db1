/** Tocsin's own public page: its entries are kept by whoever is given as `publish`, and shown at `/status`. */
import { DeliveryError } from '../../runtime/failures.ts';
import type { PublicEntry, StatusPage } from '../../activities/ports.ts';
import { abortOn } from '../shared/abortable.ts';

/** What is kept of an entry: nothing but what was written for the public, and whose it is. Times in epoch ms. */
export type PublishedEntry = Omit<PublicEntry, 'key' | 'mayBeRepeat'>;

const VENDOR = 'status page';

/** `publish` must take the same entry (incident and `n`) twice; whatever it throws means that it may take it later. */
export function builtinStatusPage(publish: (entry: PublishedEntry) => Promise<unknown>): StatusPage {
  return {
    publish: async (entry, { projection }, signal) => {
      if (projection.restricted || projection.test)
        throw new DeliveryError(VENDOR, { code: 'not public', kind: 'rejected' });
      const { incidentId, n, at, state, impact, component, text, nextUpdateAt } = entry;
      // By name: a field that entries get one day does not become public by itself.
      const published = publish({ incidentId, n, at, state, impact, component, text, nextUpdateAt });
      const taken = published.catch(() => Promise.reject(new DeliveryError(VENDOR, { code: 'not kept' })));
      await abortOn(signal, taken, VENDOR);
    },
  };
}
