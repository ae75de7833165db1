/**
 * Raw HTTP by the thousand, by a fixed seed: random bytes, right requests torn, mutated and filled with junk. Whatever
 * it is, the answer is an HTTP error or a closed line, an honest request is served afterwards, and nothing gets in.
 */
import { connect } from 'node:net';
import fc from 'fast-check';
import { startTestHttpServer, type TestHttpServer } from '../support/test-http-server.ts';
import { reportedBySenders, statusCodes, expectHealthy, validRequest } from './hostile-case.ts';

const SEED = 20261121;
/** Each property has this long; together less than 15 s. */
const FOR_MS = 2500;

let edge: TestHttpServer;
beforeAll(async () => {
  edge = await startTestHttpServer({ server: { requestMs: 1000 } });
});
afterAll(() => edge.close());
afterEach(() => expectHealthy(edge));

/** Sends the pieces one after the other and ends; resolves with what came back. */
function send(pieces: readonly Buffer[]): Promise<string> {
  return new Promise((resolve) => {
    let got = '';
    const socket = connect({ port: edge.server.port, host: '127.0.0.1', allowHalfOpen: false }, () => {
      void (async () => {
        for (const piece of pieces) {
          if (socket.destroyed) return;
          socket.write(piece);
          await new Promise((next) => setImmediate(next));
        }
        socket.end();
      })();
    });
    const stuck = setTimeout(() => socket.destroy(new Error('stuck')), 5000);
    socket.setEncoding('latin1').on('data', (text: string) => (got += text));
    socket.on('error', (error) => (got += error.message === 'stuck' ? 'STUCK' : ''));
    socket.once('close', () => {
      clearTimeout(stuck);
      resolve(got);
    });
  });
}

const valid = Buffer.from(validRequest(), 'latin1');
const junk = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom(
      '\r\n',
      '\n',
      '\0',
      ': ',
      'Transfer-Encoding: chunked\r\n',
      'Content-Length: 0\r\n',
      'Host: x\r\n',
      'Connection: upgrade\r\nUpgrade: websocket\r\n',
      'Content-Encoding: br\r\n',
      'Expect: 100-continue\r\n',
      '0\r\n\r\n',
      'GET / HTTP/1.1\r\n\r\n',
      'é'.repeat(100),
      'x'.repeat(20_000),
    )
    .map((text) => Buffer.from(text)),
);

interface Mutation {
  readonly at: number;
  readonly remove: number;
  readonly insert: Buffer | null;
}
const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(valid.length),
  remove: fc.oneof(fc.constant(0), fc.nat(30)),
  insert: fc.option(junk),
});

const mutate = (bytes: Buffer, { at, remove, insert }: Mutation): Buffer =>
  Buffer.concat([bytes.subarray(0, at), insert ?? Buffer.alloc(0), bytes.subarray(at + remove)]);

function split(bytes: Buffer, points: readonly number[]): readonly Buffer[] {
  const cuts = [0, ...points.map((point) => point % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((cut, n) => bytes.subarray(cuts[n], cut));
}

const settings = { seed: SEED, numRuns: 1500, interruptAfterTimeLimit: FOR_MS, markInterruptAsFailure: false };

const sound = (got: string): void => {
  expect(got).not.toContain('STUCK');
  if (got !== '') expect(got).toMatch(/^HTTP\/1\.1 [1-5]\d\d /);
  for (const status of statusCodes(got))
    expect([100, 200, 202, 400, 401, 404, 405, 408, 413, 414, 415, 417, 431]).toContain(status);
};

test(`random bytes (seed ${SEED})`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 3000 }),
      fc.array(fc.nat(), { maxLength: 3 }),
      async (bytes, points) => {
        const got = await send(split(Buffer.from(bytes), points));
        sound(got);
        for (const status of statusCodes(got)) expect(status).toBeGreaterThanOrEqual(400);
      },
    ),
    settings,
  );
  expect(reportedBySenders(edge)).toEqual([]);
});

test(`a right request in any pieces is taken (seed ${SEED})`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(valid.length), { maxLength: 8 }), async (points) => {
      edge.reportedAlerts.length = 0;
      expect(statusCodes(await send(split(valid, points)))).toEqual([202]);
      expect(reportedBySenders(edge).length).toBe(1);
    }),
    { ...settings, numRuns: 150 },
  );
});

test(`right requests, mutated and torn (seed ${SEED})`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(), { maxLength: 3 }),
      async (mutations, points) => {
        sound(await send(split(mutations.reduce(mutate, valid), points)));
        expect((await fetch(`${edge.url}/healthz`)).status).toBe(200);
      },
    ),
    settings,
  );
});

test(`cut short at every length, nothing gets in (seed ${SEED})`, async () => {
  edge.reportedAlerts.length = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat(valid.length - 1), async (length) => {
      const got = await send([valid.subarray(0, length)]);
      sound(got);
      for (const status of statusCodes(got)) expect(status).toBeGreaterThanOrEqual(400);
    }),
    settings,
  );
  expect(edge.reportedAlerts).toEqual([]);
});
