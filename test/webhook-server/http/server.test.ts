/** The listening server: drains without losing an answer, and says in plain words why it cannot listen. */
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { startServer } from '../../../webhook-server/http/server.ts';

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function get(url: string, agent: Agent): Promise<{ status: number; connection: string | undefined }> {
  return new Promise((resolve, reject) => {
    request(url, { agent }, (res) => {
      res.resume().once('end', () => resolve({ status: res.statusCode ?? 0, connection: res.headers.connection }));
    })
      .once('error', reject)
      .end();
  });
}

test('what is in flight is answered, keep-alive connections go, and new ones are refused', async () => {
  const server = await startServer({
    app: (_req, res) => void setTimeout(() => res.end('ok'), 300),
    host: '127.0.0.1',
    port: 0,
  });
  const agent = new Agent({ keepAlive: true });
  expect((await get(server.url, agent)).connection).toBe('keep-alive');
  const inFlight = get(server.url, agent);
  await wait(50);
  expect(server.draining()).toBe(false);
  const begun = Date.now();
  const closed = server.close();
  expect(server.draining()).toBe(true);
  expect(await inFlight).toEqual({ status: 200, connection: 'close' });
  await closed;
  expect(Date.now() - begun).toBeLessThan(1000);
  await expect(get(server.url, agent)).rejects.toThrow('ECONNREFUSED');
  agent.destroy();
});

test('an answer that never comes does not hold the drain', async () => {
  const server = await startServer({ app: () => undefined, host: '127.0.0.1', port: 0, drainMs: 200 });
  const stuck = get(server.url, new Agent()).catch((error: Error) => error.message);
  await wait(50);
  await Promise.all([server.close(), server.close()]);
  expect(await stuck).toBe('socket hang up');
});

test('a port in use is told in a sentence', async () => {
  const first = await startServer({ app: () => undefined, host: '127.0.0.1', port: 0 });
  await expect(startServer({ app: () => undefined, host: '127.0.0.1', port: first.port })).rejects.toThrow(
    `127.0.0.1:${first.port} is taken`,
  );
  await first.close();
});

test('a host that is not ours is told as well', async () => {
  await expect(startServer({ app: () => undefined, host: '203.0.113.1', port: 0 })).rejects.toThrow(
    'no address of this machine',
  );
});

test('more connections than allowed are turned away, those within go on', async () => {
  const server = await startServer({ app: (_req, res) => res.end(), host: '127.0.0.1', port: 0, maxConnections: 2 });
  const idle = await Promise.all(
    [1, 2, 3].map(
      () =>
        new Promise<boolean>((resolve) => {
          const socket = connect(server.port, '127.0.0.1').on('error', () => undefined);
          socket.once('close', () => resolve(false));
          setTimeout(() => {
            resolve(true);
            socket.destroy();
          }, 300);
        }),
    ),
  );
  expect(idle.filter(Boolean).length).toBe(2);
  await server.close();
});

test('a body that never comes ends in 408', async () => {
  const server = await startServer({
    app: (req, res) => void req.on('end', () => res.end()).resume(),
    host: '127.0.0.1',
    port: 0,
  });
  const answer = await new Promise<string>((resolve) => {
    let got = '';
    const socket = connect(server.port, '127.0.0.1', () =>
      socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx'),
    );
    socket.setEncoding('utf8').on('data', (chunk: string) => (got += chunk));
    socket.on('error', () => undefined).once('close', () => resolve(got));
  });
  expect(answer).toMatch(/^HTTP\/1.1 408/);
  await server.close();
}, 25_000);
