/** The whole record as JSON, times in RFC 3339. Pure. */
import type { WholeRecord } from '../records.ts';

/** The record with the times of its messages as all others are. */
export function inTimes({ messages, ...record }: WholeRecord) {
  return { ...record, messages: messages.map((message) => ({ ...message, at: new Date(message.at).toISOString() })) };
}

export const toJson = (record: WholeRecord): string => `${JSON.stringify(inTimes(record), null, 2)}\n`;
