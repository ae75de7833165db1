/** A plain TCP relay in front of a test's server, so that connections can be refused and cut. */
import { connect } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** Passes `socket` on to `port`; `pairs` knows it by the port it comes from there, while it is open. */
export function connectRelay(outside: Socket, port: number, pairs: Map<number, Socket>): void {
  const inside = connect(port, '127.0.0.1');
  inside.once('connect', () => {
    const own = inside.localPort ?? 0;
    pairs.set(own, outside);
    outside.once('close', () => pairs.delete(own));
  });
  for (const [one, other] of [
    [outside, inside],
    [inside, outside],
  ] as const) {
    one.on('error', () => undefined);
    one.once('close', () => other.destroy());
    one.pipe(other);
  }
}

/** On 127.0.0.1; 0 is any free port. Gives the port. */
export async function listenOnLoopback(relay: Server, port: number): Promise<number> {
  await new Promise<void>((resolve) => relay.listen(port, '127.0.0.1', resolve));
  return (relay.address() as AddressInfo).port;
}

/** Nobody listens any more, and whoever is connected is cut off. */
export async function closeRelay(relay: Server, pairs: ReadonlyMap<number, Socket>): Promise<void> {
  if (!relay.listening) return;
  const closed = new Promise((resolve) => relay.close(resolve));
  for (const socket of pairs.values()) socket.destroy();
  await closed;
}
