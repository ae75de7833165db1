/**
 * Settings that are read and checked but not acted on yet. Strict where the shape is settled; the rest is any mapping or
 * list until the feature that reads it gives it its shape, and a file of its own.
 */
import { z } from 'zod';
import type { Section } from '../config.ts';

const anyMapping = z.record(z.string(), z.unknown(), { error: 'expected a mapping' });
const anything = z.union([anyMapping, z.array(z.unknown())], { error: 'expected a mapping or a list' });

export const schedules = namesOnly('schedules: rotations come later; name people in onCall', anyMapping);
export const queries = namesOnly('queries: diagnosis does not run yet');
export const actions = namesOnly('actions: no action can be run yet');
export const patterns = namesOnly('patterns: no quick fix is proposed yet');
export const checks = namesOnly('checks: the monitoring window relies on the alerts alone');

/** All that is known of such a section is what its parts are called. */
function namesOnly(instead: string, shape: z.ZodType<object> = anything): Section<ReadonlySet<string>> {
  return { schema: shape.default({}).transform(namesIn), notSupportedYet: () => [instead] };
}

/** The keys of a mapping; the `name`s of a list. */
function namesIn(section: object): ReadonlySet<string> {
  if (!Array.isArray(section)) return new Set(Object.keys(section));
  const names = section.map((entry: unknown) => (entry as { readonly name?: unknown } | null)?.name);
  return new Set(names.filter((name) => typeof name === 'string'));
}
