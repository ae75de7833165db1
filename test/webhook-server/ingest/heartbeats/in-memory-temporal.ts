/** What heartbeats and the self-check need of Temporal, in memory: it writes down what it is sent, and may be away. */
import type { Client } from '@temporalio/client';
import { type Circuit, TemporalUnavailable } from '../../../../webhook-server/delivery/circuit-breaker.ts';

export interface SentSignal {
  readonly workflow: string;
  readonly workflowId: string;
  readonly signal: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly args: readonly unknown[];
}

export function inMemoryTemporal() {
  const sent: SentSignal[] = [];
  const listeners: (() => void)[] = [];
  let away = false;
  /** Resolves when a call may be answered. */
  let answering: Promise<void> = Promise.resolve();
  const answered = async <T>(act: () => Promise<T> | T): Promise<T> => {
    await answering;
    if (away) throw new TemporalUnavailable('no answer');
    return act();
  };
  const circuitBreaker: Circuit = {
    allowsCalls: () => !away,
    firstProbe: Promise.resolve(),
    callDurable: (act) => answered(act),
    callWithin: (_ms, act) => answered(act),
    onRecovered: (listener) => void listeners.push(listener),
  };
  const workflow = {
    signalWithStart: async (
      name: string,
      options: { workflowId: string; signal: string; signalArgs: unknown[]; args: unknown[] },
    ) => {
      const { workflowId, signal, signalArgs, args } = options;
      sent.push({ workflow: name, workflowId, signal, payload: signalArgs[0] as SentSignal['payload'], args });
    },
    getHandle: (workflowId: string) => ({
      executeUpdate: async (signal: string, { args }: { args: unknown[] }) => {
        sent.push({ workflow: '', workflowId, signal, payload: { check: args[0] }, args });
      },
      result: async () => undefined,
    }),
  };
  return {
    client: { workflow } as unknown as Client,
    circuitBreaker,
    sent,
    signals: () => sent.map(({ signal }) => signal),
    goAway: () => {
      away = true;
    },
    comeBack: () => {
      away = false;
      for (const listener of listeners) listener();
    },
    /** Calls wait until the answer is called. */
    holdCalls: (): (() => void) => {
      let release: () => void = () => undefined;
      answering = new Promise<void>((resolve) => (release = resolve));
      return release;
    },
  };
}
