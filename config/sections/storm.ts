/** How many incidents a team may get in a minute before further groups are gathered in one. */
import { z } from 'zod';
import { countOrOff, off, strict } from '../schema/primitives.ts';

export const storm = z.union([off, strict({ newIncidentsPerMinute: countOrOff(1_000_000) })], {
  error: 'expected { newIncidentsPerMinute: 30 }, or off',
});
