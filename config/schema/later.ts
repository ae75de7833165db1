/**
 * Settings that are read and checked but not acted on yet (see `not-yet.ts`). Strict where the shape is settled; the
 * rest is any mapping or list until the feature that reads it gives it its shape.
 */
import { z } from 'zod';
import { off, strict } from './primitives.ts';

const anyMapping = z.record(z.string(), z.unknown(), { error: 'expected a mapping' });
const anything = z.union([anyMapping, z.array(z.unknown())], { error: 'expected a mapping or a list' });

const count = (max: number) =>
  z.union([off, z.int('expected a whole number').min(1, 'at least 1').max(max, `at most ${max}`)], {
    error: 'expected a whole number, or off',
  });

export const later = {
  storm: z
    .union([off, strict({ newIncidentsPerMinute: count(1_000_000) })], {
      error: 'expected { newIncidentsPerMinute: 30 }, or off',
    })
    .optional(),
  paging: strict({ bundleAfter: count(1_000_000_000).optional() }).optional(),
  schedules: anyMapping.optional(),
  heartbeats: anything.optional(),
  maintenance: anything.optional(),
  queries: anything.optional(),
  actions: anything.optional(),
  patterns: anything.optional(),
  checks: anything.optional(),
  templates: anything.optional(),
  stakeholders: anything.optional(),
  lastResort: anything.optional(),
};
