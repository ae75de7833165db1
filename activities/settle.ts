/** An answer stops the alarm on every medium: vendors that escalate by themselves are told of it. */
import type { AlarmOrder } from '../domain/orders.ts';
import { isFinal } from './failures.ts';
import type { Directory } from './ports.ts';
import type { TellRequest } from './types.ts';

/** Settles every alarm that the pages raised, in parallel; rejects with a trouble that may pass. */
export async function settle(
  directory: Directory,
  paged: TellRequest['paged'],
  act: AlarmOrder['act'],
  signal: AbortSignal,
): Promise<void> {
  const settling = paged.map(async ({ to, method, key }) => {
    const contact = directory.contacts(to).find((known) => known.method === method);
    await contact?.settle?.(key, act, signal).catch((err: unknown) => {
      // A vendor that refuses for good has no alarm to settle, or one that only a person can.
      if (!isFinal(err)) throw err;
    });
  });
  const failed = (await Promise.allSettled(settling)).find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
