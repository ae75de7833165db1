/** Work of ours that knows no signal, bounded by one all the same. */
import { DeliveryError } from '../../runtime/failures.ts';

/** `work`'s result; `DeliveryError` (`later`) as soon as `signal` aborts. The work itself may still come to its end. */
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
