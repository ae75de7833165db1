/**
 * How payloads become bytes in Temporal: one object, used by every client, worker, replay and test, because a run
 * written with one converter cannot be read with another. JSON, compressed where it is large; an encrypting codec
 * belongs here, after the
 * compression.
 */
import type { DataConverter } from '@temporalio/common';
import { createCompression } from './compress-payloads.ts';

export function createDataConverter(): DataConverter {
  return { payloadCodecs: [createCompression()] };
}
