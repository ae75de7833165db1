/** An answer stops the alarm on every medium: vendors that escalate by themselves are told of it. */
import type { AlarmEntry } from '../domain/kernel/outbox.ts';
import { isFinalFailure } from '../runtime/failures.ts';
import type { Directory } from './ports.ts';
import type { DeliverNotificationsInput } from './types.ts';

/** Settles every alarm that the pages raised, in parallel; rejects with a trouble that may pass. */
export async function settleAlarms(
  directory: Directory,
  paged: DeliverNotificationsInput['paged'],
  act: AlarmEntry['action'],
  signal: AbortSignal,
): Promise<void> {
  const settling = paged.map(async ({ to, method, key }) => {
    const contact = directory.contacts(to).find((known) => known.method === method);
    await contact?.settle?.(key, act, signal).catch((err: unknown) => {
      // A vendor that refuses for good has no alarm to settle, or one that only a person can.
      if (!isFinalFailure(err)) throw err;
    });
  });
  const failed = (await Promise.allSettled(settling)).find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
