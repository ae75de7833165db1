/** The answer to a reload of the configuration, as the API describes it. */
import { z } from 'zod';

const lines = z.array(z.string());

export const reloadedSchema = z.looseObject({
  changed: lines.describe('sections of the file that differ from what held before; none: the same as before'),
  digest: z.string().describe('the same on every process that has the same configuration'),
  warnings: lines,
  notYet: lines,
  needsRestart: lines.describe('what differs from the start of this process and is not followed'),
  serves: z.array(z.enum(['server', 'worker'])).describe('what this process runs; others are reloaded by themselves'),
});
