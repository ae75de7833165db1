/** Delivers orders in their order; a retry goes on behind the last that went out. */
import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';

export async function oneByOne<T extends { readonly n: number }>(
  orders: readonly T[],
  deliver: (order: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const done = (activityInfo().heartbeatDetails as number | undefined) ?? 0;
  for (const order of orders) {
    if (order.n <= done) continue;
    await deliver(order, cancellationSignal());
    if (orders.length > 1) heartbeat(order.n);
  }
}
