/** No break-glass paging: switched off, or a server that only tries things. */
import type { BreakGlass } from './break-glass.ts';

const NOTHING = { pages: [], release: () => undefined };

export const noBreakGlass: BreakGlass = {
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
