/**
 * Keeps the door open while somebody holds thousands of connections and asks nothing: when nearly all places are
 * taken, a newcomer gets the place of whoever has waited longest without a request. Those who never asked go first;
 * whoever has a request under way keeps its place.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Places that are kept free for newcomers; Node itself turns away what exceeds the limit. */
const SPARE_CONNECTIONS = 50;

/** Call before `listen`. `limit`: the server's `maxConnections`. */
export function limitConnections(server: Server, limit: number): void {
  const threshold = limit - Math.min(SPARE_CONNECTIONS, Math.floor(limit / 10));
  /** Requests under way, by connection. */
  const busy = new Map<Socket, number>();
  /** Oldest first: those that have never asked, and those that have and do not now. */
  const neverUsed = new Set<Socket>();
  const idle = new Set<Socket>();
  let connections = 0;

  function closeLongestIdle(): void {
    const [longest] = [...firstOf(neverUsed), ...firstOf(idle)];
    if (longest === undefined) return;
    // It is closed only later: the next newcomer must not choose the same one.
    for (const sockets of [neverUsed, idle]) sockets.delete(longest);
    longest.destroy();
  }

  server.on('connection', (socket: Socket) => {
    connections += 1;
    if (connections > threshold) closeLongestIdle();
    neverUsed.add(socket);
    socket.once('close', () => {
      connections -= 1;
      for (const sockets of [busy, neverUsed, idle]) sockets.delete(socket);
    });
  });
  server.on('request', ({ socket }, res) => {
    neverUsed.delete(socket);
    idle.delete(socket);
    busy.set(socket, (busy.get(socket) ?? 0) + 1);
    res.once('close', () => {
      const left = (busy.get(socket) ?? 0) - 1;
      busy.set(socket, left);
      if (left > 0 || socket.destroyed) return;
      busy.delete(socket);
      idle.add(socket);
    });
  });
}

function firstOf(sockets: ReadonlySet<Socket>): readonly Socket[] {
  for (const socket of sockets) return [socket];
  return [];
}
