/** No fallback paging: switched off, or a server that only tries things. */
import type { FallbackPaging } from './fallback-paging.ts';

const NOTHING = { pages: [], release: () => undefined };

export const noFallbackPaging: FallbackPaging = {
  spooled: () => undefined,
  delivered: () => undefined,
  claim: () => Promise.resolve(NOTHING),
  acknowledged: () => undefined,
  acknowledgementDelivered: () => undefined,
  isPaged: () => false,
  pagesOf: () => [],
  pendingGroup: () => null,
  onConfigChanged: () => undefined,
  close: () => Promise.resolve(),
};
