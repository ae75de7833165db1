/**
 * Courtesies: chat posts, public entries and notices, each line in its order and beside the others. What one line
 * could not deliver is left to the runbook, so that one vendor's trouble holds up nobody else.
 */
import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Delivery } from '../domain/incident.ts';
import type { Courtesy } from '../domain/orders.ts';
import { notice } from './notice.ts';
import type { Ports } from './ports.ts';
import { inWords } from './words.ts';
import type { TellAnswer, TellRequest } from './types.ts';

/** A call that does not insist ends by itself: a hanging vendor must not keep the other lines' news waiting. */
const PATIENCE_MS = 12_000;

export function createTell(ports: Ports): (request: TellRequest) => Promise<TellAnswer> {
  return async (request) => {
    const done = new Set((activityInfo().heartbeatDetails as readonly number[] | undefined) ?? []);
    const deliveries: Delivery[] = [];
    const signal = AbortSignal.any([cancellationSignal(), AbortSignal.timeout(PATIENCE_MS)]);
    const { incident, posts, entries, notices } = request;
    const { episode, team, workflowId } = incident;
    const troubles = await Promise.all([
      oneByOne('posts', posts, done, ({ n, at, text }) => {
        const told = inWords(text, ports.directory, ports.timeZone);
        return ports.chat.post({ key: `${episode}/post/${n}`, team, workflowId, episode, at, text: told }, signal);
      }),
      oneByOne('entries', entries, done, ({ n, at, state, text, nextUpdateAt }) => {
        const { component } = request;
        const entry = { key: `${episode}/entry/${n}`, episode, at, state, component, text, nextUpdateAt };
        return ports.statusPage.publish(entry, signal);
      }),
      oneByOne('notices', notices, done, async (order) => {
        deliveries.push(...(await notice(ports, request, order, signal)));
      }),
    ]);
    const trouble = troubles.find((found) => found !== null);
    if (request.insists && trouble) {
      heartbeat([...done]);
      throw ApplicationFailure.retryable(trouble.reason, 'CourtesyNotTaken');
    }
    return {
      done: [...done],
      troubled: troubles.flatMap((found) => (found === null ? [] : [found.line])),
      deliveries,
      searchable: ports.searchable(),
    };
  };
}

/** Delivers a line's orders in their order, up to the first that fails; says which line and why, or null. */
async function oneByOne<T extends { readonly n: number }>(
  line: Courtesy,
  orders: readonly T[],
  done: Set<number>,
  deliver: (order: T) => Promise<void>,
): Promise<{ line: Courtesy; reason: string } | null> {
  for (const order of orders) {
    if (done.has(order.n)) continue;
    try {
      await deliver(order);
    } catch (err) {
      return { line, reason: err instanceof Error ? err.message : 'failed' };
    }
    done.add(order.n);
  }
  return null;
}
