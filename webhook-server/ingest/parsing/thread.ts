/**
 * A thread that answers what it is told, one thing at a time. Plain: who asks waits with a bound, and ends the thread
 * when that is passed.
 */
import { Worker } from 'node:worker_threads';
import type { Config } from '../../../config/config.ts';
import type { ParseResponse, ParseRequest } from './thread-protocol.ts';

export interface ParserThread {
  /** The answer. Rejects when the thread ends first, or says nothing within `ms`. */
  ask(request: ParseRequest, ms: number): Promise<ParseResponse>;
  /** The configuration that it was given last. */
  config: Config | null;
  readonly hasEnded: () => boolean;
  end(): Promise<void>;
}

/** What 16 MiB of JSON become, many times over: a bomb ends the thread and not the process. */
const HEAP_MB = 1024;

/** `file`: the thread's compiled file. */
export function startParserThread(file: string): ParserThread {
  const worker = new Worker(file, { name: 'parsing', resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } });
  // A process that is to end must not be kept by a thread that waits for work.
  worker.unref();
  let hasEnded = false;
  let reason = 'the parsing thread ended';
  worker.on('error', (error: Error) => (reason = `the parsing thread failed: ${error.message}`));
  worker.once('exit', () => (hasEnded = true));
  return {
    config: null,
    hasEnded: () => hasEnded,
    ask: (request, ms) =>
      new Promise((resolve, reject) => {
        const finish = (settle: () => void) => (): void => {
          clearTimeout(timer);
          worker.off('message', onAnswer).off('exit', onExit);
          settle();
        };
        const onAnswer = (answer: ParseResponse): void => finish(() => resolve(answer))();
        const onExit = finish(() => reject(new Error(reason)));
        const timer = setTimeout(
          finish(() => reject(new Error(`no answer within ${ms} ms`))),
          ms,
        );
        worker.once('message', onAnswer).once('exit', onExit);
        if (hasEnded) onExit();
        else worker.postMessage(request);
      }),
    async end() {
      hasEnded = true;
      await worker.terminate();
    },
  };
}
