import { setTimeout as sleep } from 'node:timers/promises';
import { ConcurrencyLimit, KeyedQueue } from '../../../webhook-server/delivery/durable-delivery.ts';
import { withTimeout } from '../../../webhook-server/delivery/circuit-breaker.ts';

const ANY_SIZE = { maxWeight: 1, weigh: (): number => 0 };

test('one batch in flight for each key; what arrives meanwhile is the next, in order; keys do not wait for each other', async () => {
  const sent: string[] = [];
  const running = new Map<string, number>();
  let most = 0;
  const queue = new KeyedQueue<string>(async (items) => {
    const key = items[0]?.[0] ?? '';
    running.set(key, (running.get(key) ?? 0) + 1);
    most = Math.max(most, ...running.values());
    await sleep(10);
    sent.push(items.join(' '));
    running.set(key, 0);
  }, ANY_SIZE);
  for (const item of ['a1', 'a2', 'b1', 'a3']) queue.enqueue(item[0] ?? '', item);
  await sleep(15);
  queue.enqueue('a', 'a4');
  await sleep(60);
  queue.enqueue('a', 'a5');
  await sleep(30);
  expect(sent).toEqual(['a1', 'b1', 'a2 a3', 'a4', 'a5']);
  expect(most).toBe(1);
});

test('a batch is bounded by weight, and one item that is too heavy goes alone', async () => {
  const sent: string[] = [];
  const send = async (items: readonly string[]): Promise<void> => {
    await sleep(5);
    sent.push(items.join(' '));
  };
  const queue = new KeyedQueue(send, { maxWeight: 4, weigh: (item: string) => item.length });
  for (const item of ['a', 'bb', 'bb', 'ccccc', 'd', 'd']) queue.enqueue('key', item);
  await sleep(60);
  expect(sent).toEqual(['a', 'bb bb', 'ccccc', 'd d']);
});

test('never more work at once than the limit, first come first served; failures free their slot too', async () => {
  const limit = new ConcurrencyLimit(2);
  let running = 0;
  let most = 0;
  const order: number[] = [];
  const work = (n: number) =>
    limit.run(async () => {
      most = Math.max(most, (running += 1));
      order.push(n);
      await sleep(5);
      running -= 1;
      if (n === 1) throw new Error('broken');
    });
  await Promise.allSettled([0, 1, 2, 3, 4, 5].map(work));
  expect(most).toBe(2);
  expect(order).toEqual([0, 1, 2, 3, 4, 5]);
});

test('a timeout ends on time although the work goes on, and the late failure is ignored', async () => {
  const late = sleep(30).then(() => Promise.reject(new Error('too late')));
  await expect(withTimeout(10, late)).rejects.toThrow('no answer within 10 ms');
  await sleep(40);
});
