/** Ports on this machine: whether one is free, and finding one that is. */
import { createServer } from 'node:net';
import { EXIT_UNAVAILABLE, ExitError } from '../runtime/exit-error.ts';

const LOOPBACK = '127.0.0.1';

export interface Claim {
  readonly purpose: string;
  /** The variable that chooses another. */
  readonly setting: string;
  readonly host?: string;
}

/** `wanted`, or a free port when it is 0. Throws `ExitError` (69) when somebody listens there. */
export async function claimPort(wanted: number, { purpose, setting, host }: Claim): Promise<number> {
  const port = await listenOnce(wanted, host);
  if (port !== null) return port;
  throw new ExitError(
    EXIT_UNAVAILABLE,
    `port ${wanted}, meant for ${purpose}, is taken by another program`,
    `stop that program, or choose another port with ${setting}.`,
  );
}

export const freePort = async (): Promise<number> => (await listenOnce(0)) ?? Promise.reject(new Error('no free port'));

/** Null when it is taken. Binding finds also listeners that accept nothing any more. */
export function listenOnce(port: number, host = LOOPBACK): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }: NodeJS.ErrnoException) => {
      // Anything but "taken" is for the real listener to explain.
      resolve(code === 'EADDRINUSE' ? null : port);
    });
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}
