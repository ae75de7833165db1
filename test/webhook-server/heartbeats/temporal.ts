/** What heartbeats and the self-check need of Temporal, in memory: it writes down what it is sent, and may be away. */
import type { Client } from '@temporalio/client';
import type { Gate } from '../../../webhook-server/incidents/gate.ts';
import { TemporalAway } from '../../../webhook-server/incidents/errors.ts';

export interface Sent {
  readonly workflow: string;
  readonly workflowId: string;
  readonly signal: string;
  readonly word: Readonly<Record<string, unknown>>;
  readonly args: readonly unknown[];
}

export function memoryTemporal() {
  const sent: Sent[] = [];
  const listeners: (() => void)[] = [];
  let away = false;
  /** Resolves when a call may be answered. */
  let answering: Promise<void> = Promise.resolve();
  const answered = async <T>(act: () => Promise<T> | T): Promise<T> => {
    await answering;
    if (away) throw new TemporalAway('no answer');
    return act();
  };
  const gate: Gate = {
    isOpen: () => !away,
    known: Promise.resolve(),
    call: (act) => answered(act),
    ask: (_ms, act) => answered(act),
    onOpen: (listener) => void listeners.push(listener),
    close: () => Promise.resolve(),
  };
  const workflow = {
    signalWithStart: async (
      name: string,
      options: { workflowId: string; signal: string; signalArgs: unknown[]; args: unknown[] },
    ) => {
      const { workflowId, signal, signalArgs, args } = options;
      sent.push({ workflow: name, workflowId, signal, word: signalArgs[0] as Sent['word'], args });
    },
    getHandle: (workflowId: string) => ({
      executeUpdate: async (signal: string, { args }: { args: unknown[] }) => {
        sent.push({ workflow: '', workflowId, signal, word: { check: args[0] }, args });
      },
      result: async () => undefined,
    }),
  };
  return {
    client: { workflow } as unknown as Client,
    gate,
    sent,
    signals: () => sent.map(({ signal }) => signal),
    leave: () => {
      away = true;
    },
    comeBack: () => {
      away = false;
      for (const listener of listeners) listener();
    },
    /** Calls wait until the answer is called. */
    hold: (): (() => void) => {
      let release: () => void = () => undefined;
      answering = new Promise<void>((resolve) => (release = resolve));
      return release;
    },
  };
}
