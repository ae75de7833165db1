/** No fallback paging: switched off, or a server that only tries things. */
import type { FallbackPaging } from './fallback-paging.ts';

const NOTHING = { pages: [], release: () => undefined };

export const noFallbackPaging: FallbackPaging = {
  spooled: () => undefined,
  told: () => undefined,
  claim: () => Promise.resolve(NOTHING),
  acknowledged: () => undefined,
  acknowledgementTold: () => undefined,
  isPaged: () => false,
  pagesOf: () => [],
  known: () => null,
  lookAgain: () => undefined,
  close: () => Promise.resolve(),
};
