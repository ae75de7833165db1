/**
 * Settings that are read and checked but not acted on yet (see `not-yet.ts`). Strict where the shape is settled; the
 * rest is any mapping or list until the feature that reads it gives it its shape.
 */
import { z } from 'zod';
import { countOrOff, strict } from '../schema/primitives.ts';

const anyMapping = z.record(z.string(), z.unknown(), { error: 'expected a mapping' });
const anything = z.union([anyMapping, z.array(z.unknown())], { error: 'expected a mapping or a list' });

export const notSupportedYetSections = {
  paging: strict({ bundleAfter: countOrOff(1_000_000_000).optional() }).optional(),
  schedules: anyMapping.optional(),
  queries: anything.optional(),
  actions: anything.optional(),
  patterns: anything.optional(),
  checks: anything.optional(),
};
