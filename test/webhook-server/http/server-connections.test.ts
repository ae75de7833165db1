/** Places for newcomers: those who ask nothing make way, those who wait for an answer do not. */
import { connect, type Socket } from 'node:net';
import { startServer, type RunningServer } from '../../../webhook-server/http/server.ts';

const until = async (claim: () => boolean): Promise<void> => {
  for (const end = Date.now() + 5000; !claim();) {
    if (Date.now() > end) throw new Error('not within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

interface Caller {
  readonly socket: Socket;
  readonly got: () => string;
  readonly closed: () => boolean;
}

function call({ port }: RunningServer, path: string | null): Promise<Caller> {
  return new Promise((resolve) => {
    let got = '';
    let closed = false;
    const caller = { got: () => got, closed: () => closed };
    const socket = connect(port, '127.0.0.1', () => {
      if (path !== null) socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
      resolve({ socket, ...caller });
    });
    socket.setEncoding('utf8').on('data', (text: string) => (got += text));
    socket.on('error', () => undefined).on('close', () => (closed = true));
  });
}

test('the oldest silent one goes, then the oldest idle one, never one that waits for an answer', async () => {
  const waiting: (() => void)[] = [];
  const server = await startServer({
    app: (req, res) => (req.url === '/slow' ? void waiting.push(() => res.end('late')) : void res.end('ok')),
    host: '127.0.0.1',
    port: 0,
    maxConnections: 20,
  });
  const slow = await call(server, '/slow');
  await until(() => waiting.length === 1);
  const idle = await call(server, '/');
  await until(() => idle.got().includes('ok'));
  const silent: Caller[] = [];
  for (let n = 0; n < 60; n += 1) silent.push(await call(server, null));
  await until(() => silent.slice(0, 40).every(({ closed }) => closed()));
  expect([slow.closed(), idle.closed()]).toEqual([false, false]);
  const asked: Caller[] = [];
  for (let n = 0; n < 30; n += 1) {
    const one = await call(server, '/');
    asked.push(one);
    await until(() => one.got().includes('ok'));
  }
  await until(() => idle.closed());
  for (const done of waiting) done();
  await until(() => slow.got().includes('late'));
  for (const { socket } of [slow, ...silent, ...asked]) socket.destroy();
  await server.close();
});

test('a reader that does not read is hung up on', async () => {
  const server = await startServer({
    app: (_req, res) => void res.end(Buffer.alloc(64 * 1024 * 1024)),
    host: '127.0.0.1',
    port: 0,
    stalledMs: 300,
  });
  const reader = await call(server, null);
  reader.socket.pause();
  reader.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await new Promise((resolve) => setTimeout(resolve, 1500));
  reader.socket.resume();
  await until(() => reader.closed());
  expect(reader.got().length).toBeLessThan(64 * 1024 * 1024);
  await server.close();
});
