/** Talks to the thread that PGlite runs in: sends it calls one at a time, and notices when it ends. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { ConnectionLost } from './errors.ts';

/** Beside this file in the sources; below or beside the bundle it is compiled into. */
const PLACES = ['./pglite-thread.js', './records/pglite-thread.js', '../records/pglite-thread.js'];

interface Answer {
  readonly id: number;
  readonly rows?: unknown[];
  readonly rowCount?: number;
  readonly command?: string;
  readonly error?: { readonly message: string; readonly code: string | null };
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

export interface PgliteThread {
  /** Rejects with `ConnectionLost` when the thread ends first, else with the database's own error. Has no time limit. */
  query(sql: string, parameters: readonly unknown[]): Promise<Answer>;
  /** Closes the database; resolves when the thread has ended. */
  close(): Promise<void>;
  /** Ends it at once: the database recovers when it is opened again. */
  kill(): Promise<void>;
  /** Resolves with the reason when the thread has ended. */
  readonly ended: Promise<string>;
}

/** Resolves when the database is open. Rejects, with the thread gone, when it cannot be opened. */
export async function startThread(directory: string): Promise<PgliteThread> {
  const worker = new Worker(threadFile(), { workerData: { directory }, name: 'records' });
  const waiting = new Map<number, Waiting>();
  const answerTo = (id: number): Promise<Answer> =>
    new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  let reason = 'its thread ended';
  let gone = false;
  const ended = new Promise<string>((resolve) => {
    worker.on('error', (error: Error) => (reason = `its thread failed: ${error.message}`));
    worker.on('exit', () => {
      gone = true;
      for (const { reject } of waiting.values()) reject(new ConnectionLost(new Error(reason)));
      waiting.clear();
      resolve(reason);
    });
  });
  worker.on('message', (answer: Answer) => {
    const { resolve, reject } = waiting.get(answer.id) ?? {};
    waiting.delete(answer.id);
    if (answer.error === undefined) resolve?.(answer);
    else reject?.(Object.assign(new Error(answer.error.message), { code: answer.error.code }));
  });
  await answerTo(0);

  let calls = 0;
  const call = (message: object): Promise<Answer> => {
    if (gone) return Promise.reject(new ConnectionLost(new Error(reason)));
    const id = (calls += 1);
    const answer = answerTo(id);
    worker.postMessage({ id, ...message });
    return answer;
  };
  return {
    query: (sql, parameters) => call({ sql, parameters }),
    async close() {
      await call({ close: true }).catch(() => undefined);
      await ended;
    },
    async kill() {
      await worker.terminate();
    },
    ended,
  };
}

function threadFile(): string {
  const files = PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  const found = files.find((file) => existsSync(file));
  if (found === undefined) throw new Error(`the file of the database's thread is at none of ${files.join(', ')}`);
  return found;
}
