/** A TCP relay before a database that can take a commit and cut the line instead of passing on the answer. */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface CuttingRelay {
  readonly port: number;
  /** The next `times` commits get through and are never answered. */
  cutAfterCommit(times: number): void;
  /** Commits whose answers were cut. */
  readonly cut: number;
  close(): Promise<void>;
}

const LET_THROUGH_MS = 100;

export async function startCuttingRelay(port: number): Promise<CuttingRelay> {
  let left = 0;
  let cut = 0;
  const open = new Set<Socket>();
  const server = createServer((outside) => {
    const inside = connect(port, '127.0.0.1');
    for (const socket of [outside, inside]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        open.delete(socket);
        outside.destroy();
        inside.destroy();
      });
    }
    let mute = false;
    inside.on('data', (data) => mute || outside.write(data));
    outside.on('data', (data) => {
      if (left > 0 && /\bcommit\b/i.test(data.toString('latin1'))) {
        left -= 1;
        cut += 1;
        mute = true;
        setTimeout(() => outside.destroy(), LET_THROUGH_MS);
      }
      inside.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cutAfterCommit: (times) => {
      left = times;
    },
    get cut() {
      return cut;
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
