/** For vendors that neither recognize a repeated message nor know about abort signals. */
import { DeliveryError } from '../../runtime/failures.ts';

const REMEMBERED = 1_000;

/** Recent results of this process by key, so that a repeat need not ask the vendor. */
export class RecentCache<T> {
  readonly #known = new Map<string, T>();

  get(key: string): T | undefined {
    return this.#known.get(key);
  }

  add(key: string, value: T): void {
    this.#known.delete(key);
    this.#known.set(key, value);
    const oldest = this.#known.keys().next();
    if (this.#known.size > REMEMBERED && !oldest.done) this.#known.delete(oldest.value);
  }
}

/** `work`'s result, or a retryable `DeliveryError` as soon as `signal` aborts; the work itself may still finish. */
export async function abortOn<T>(signal: AbortSignal, work: Promise<T>, vendor: string): Promise<T> {
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(new DeliveryError(vendor, { code: 'no answer' }));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
