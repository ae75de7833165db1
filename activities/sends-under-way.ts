/**
 * Sends that may outlive the call that began them. A call returns as soon as there is something to report, although a
 * provider has not answered yet; the next call of the same page then waits for that answer instead of sending twice.
 */
import { DeliveryError } from '../runtime/failures.ts';
import type { Contact, Page } from './ports.ts';

/** Longer than any provider takes: what has not ended by then never will. */
const SEND_MS = 12_000;

/** A send that no call has taken over by then is aborted: nobody wants the page any more. */
const ORPHANED_MS = 5_000;

export interface SendUnderWay {
  /** When it began, in the milliseconds of `performance.now()`. */
  readonly since: number;
  /** Null while there is no answer; `error` is absent when the provider has accepted the page. */
  outcome: { readonly error?: unknown } | null;
  /** Called when there is an outcome. */
  onOutcome: () => void;
  readonly controller: AbortController;
  orphaned: ReturnType<typeof setTimeout> | null;
}

export class SendsUnderWay {
  private readonly sends = new Map<string, SendUnderWay>();

  /** The send of that key, begun by an earlier call. */
  join(key: string): SendUnderWay | null {
    const send = this.sends.get(key) ?? null;
    if (send?.orphaned) clearTimeout(send.orphaned);
    return send;
  }

  start(contact: Contact, page: Page): SendUnderWay {
    const controller = new AbortController();
    const send: SendUnderWay = {
      since: performance.now(),
      outcome: null,
      onOutcome: () => undefined,
      controller,
      orphaned: null,
    };
    this.sends.set(page.key, send);
    const signal = AbortSignal.any([controller.signal, AbortSignal.timeout(SEND_MS)]);
    const end = (outcome: { readonly error?: unknown }): void => {
      send.outcome ??= outcome;
      send.onOutcome();
    };
    const noAnswer = (): void => end({ error: new DeliveryError(contact.method, { code: 'no answer' }) });
    signal.addEventListener('abort', noAnswer, { once: true });
    void Promise.resolve()
      .then(() => contact.send(page, signal))
      .then(
        () => end({}),
        (error: unknown) => end({ error }),
      );
    return send;
  }

  /** Its outcome has been taken. */
  remove(key: string): void {
    this.sends.delete(key);
  }

  /** Leaves it to the next call. */
  leave(key: string): void {
    const send = this.sends.get(key);
    if (send === undefined) return;
    send.onOutcome = () => undefined;
    send.orphaned = setTimeout(() => this.abort(key), ORPHANED_MS).unref();
  }

  abort(key: string): void {
    this.sends.get(key)?.controller.abort();
    this.sends.delete(key);
  }
}
