/** Work of ours that knows no signal, bounded by one all the same. */
import { DeliveryError } from '../activities/failures.ts';

/** `work`'s result; `DeliveryError` (`later`) as soon as `signal` aborts. The work itself may still come to its end. */
export async function boundedBy<T>(signal: AbortSignal, work: Promise<T>, vendor: string): Promise<T> {
  let hear = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    hear = () => reject(new DeliveryError(vendor, { code: 'no answer' }));
    if (signal.aborted) hear();
    signal.addEventListener('abort', hear, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', hear);
  }
}
