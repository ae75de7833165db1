/**
 * A thread that answers what it is told, one thing at a time. Plain: who asks waits with a bound, and ends the thread
 * when that is passed.
 */
import { Worker } from 'node:worker_threads';
import type { Config } from '../../config/config.ts';
import type { FromThread, ToThread } from './protocol.ts';

export interface Thread {
  /** The answer. Rejects when the thread ends first, or says nothing within `ms`. */
  ask(told: ToThread, ms: number): Promise<FromThread>;
  /** The configuration that it was given last. */
  config: Config | null;
  readonly gone: () => boolean;
  end(): Promise<void>;
}

/** What 16 MiB of JSON become, many times over: a bomb ends the thread and not the process. */
const HEAP_MB = 1024;

/** `file`: the thread's compiled file. */
export function startThread(file: string): Thread {
  const worker = new Worker(file, { name: 'parsing', resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } });
  // A process that is to end must not be kept by a thread that waits for work.
  worker.unref();
  let gone = false;
  let reason = 'the parsing thread ended';
  worker.on('error', (error: Error) => (reason = `the parsing thread failed: ${error.message}`));
  worker.once('exit', () => (gone = true));
  return {
    config: null,
    gone: () => gone,
    ask: (told, ms) =>
      new Promise((resolve, reject) => {
        const finish = (settle: () => void) => (): void => {
          clearTimeout(timer);
          worker.off('message', onAnswer).off('exit', onExit);
          settle();
        };
        const onAnswer = (answer: FromThread): void => finish(() => resolve(answer))();
        const onExit = finish(() => reject(new Error(reason)));
        const timer = setTimeout(
          finish(() => reject(new Error(`no answer within ${ms} ms`))),
          ms,
        );
        worker.once('message', onAnswer).once('exit', onExit);
        if (gone) onExit();
        else worker.postMessage(told);
      }),
    async end() {
      gone = true;
      await worker.terminate();
    },
  };
}
