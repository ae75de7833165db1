/** `storm`: how many incidents a team may get in a minute before further groups of alerts are gathered in one. */
import { z } from 'zod';
import { countOrOff, strict } from '../../runtime/setting-schemas.ts';
import type { Section } from '../config.ts';

export interface StormSetting {
  /** Beyond this many, further groups of alerts join the team's storm; null: never. */
  readonly newIncidentsPerMinute: number | null;
}

export const stormSection: Section<StormSetting> = {
  schema: z
    .union(
      [
        z.literal('off').transform(() => ({ newIncidentsPerMinute: null })),
        strict({ newIncidentsPerMinute: countOrOff(1_000_000) }),
      ],
      {
        error: 'expected { newIncidentsPerMinute: 30 }, or off',
      },
    )
    .prefault({ newIncidentsPerMinute: 30 }),
};
