/**
 * Temporal's time-skipping server as a process of ours. The SDK would start it too, but gives it five seconds, which a
 * busy machine can need for the Java VM alone, and lets the port it chose go before the server takes it.
 */
import { spawn } from 'node:child_process';
import type { ClientOptionsForTestEnv } from '@temporalio/testing';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { untilServing } from '../../embedded/ports.ts';
import { choosePort, saysPortTaken } from './ports.ts';

export interface TimeSkipping {
  readonly env: TestWorkflowEnvironment;
  /** Closes the connections and ends the process. */
  readonly close: () => Promise<void>;
}

/** Far more than any machine needs; a server that cannot start ends by itself, and that is noticed at once. */
const SERVING_WITHIN_MS = 120_000;

/** `path`: the program, which takes a port. Rejects with what it printed when it cannot start. */
export async function startTimeSkipping(path: string, client: ClientOptionsForTestEnv): Promise<TimeSkipping> {
  for (;;) {
    const port = await choosePort();
    const server = spawnServer(path, port);
    try {
      const address = `127.0.0.1:${port}`;
      const connection = await untilServing({ address, withinMs: SERVING_WITHIN_MS, ended: server.ended });
      await connection.close();
      const env = await skippingEnvironment(address, client);
      return {
        env,
        close: async () => {
          await env.teardown();
          await server.kill();
        },
      };
    } catch (error) {
      await server.kill();
      if (!saysPortTaken((error as Error).message)) throw error;
    }
  }
}

function spawnServer(path: string, port: number) {
  const child = spawn(path, [String(port)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4_000)));
  }
  let reason: string | null = null;
  const gone = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      reason = error.message;
      resolve();
    });
    // `close`, not `exit`: only then everything that it printed is here.
    child.once('close', (code, signal) => {
      reason ??= `the time-skipping server ended (${signal ?? `exit code ${code}`}): ${output}`;
      resolve();
    });
  });
  const kill = (): void => void child.kill('SIGKILL');
  // An interrupted test run must not leave servers behind.
  process.once('exit', kill);
  return {
    ended: () => reason,
    kill: async () => {
      kill();
      await gone;
      process.off('exit', kill);
    },
  };
}

/** What `createTimeSkipping` makes once its server runs. The SDK offers it for its own servers only. */
function skippingEnvironment(address: string, client: ClientOptionsForTestEnv): Promise<TestWorkflowEnvironment> {
  const { create } = TestWorkflowEnvironment as unknown as {
    create: (options: object) => Promise<TestWorkflowEnvironment>;
  };
  const options = { server: { type: 'existing' }, supportsTimeSkipping: true, address, client };
  return create.call(TestWorkflowEnvironment, options);
}
