/**
 * The one way out: what it dials, what it never dials, and what it says of it. Names are resolved by the test; servers
 * and sockets are real. Rows of the table of hostile cases stand in the titles.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createNetServer, isIP, type AddressInfo, type LookupFunction } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { DeliveryError } from '../../../runtime/failures.ts';
import { mayDial } from '../../../providers/shared/address-guard.ts';
import { callVendor, createSendRequest, retryAfterOf } from '../../../providers/shared/http.ts';
import { slackClient } from '../../../providers/slack/client.ts';

/** A name that always stands for the same addresses; a list of lists: one after the other. Everything else is unknown. */
function resolving(
  names: Readonly<Record<string, readonly (readonly string[])[]>>,
): LookupFunction & { asked: number } {
  const given = Object.assign(
    ((hostname, _, done) => {
      const answers = names[hostname];
      const addresses = answers?.[Math.min(given.asked, answers.length - 1)];
      given.asked += 1;
      if (!addresses) return done(Object.assign(new Error(`getaddrinfo ${hostname}`), { code: 'ENOTFOUND' }), '');
      done(
        null,
        addresses.map((address) => ({ address, family: isIP(address) })),
      );
    }) as LookupFunction,
    { asked: 0 },
  );
  return given;
}

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
});

async function serve(answer: RequestListener): Promise<{ port: number; hits: () => number }> {
  let hits = 0;
  const server = createServer((req, res) => {
    hits += 1;
    answer(req, res);
  });
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { port: (server.address() as AddressInfo).port, hits: () => hits };
}

const soon = (): AbortSignal => AbortSignal.timeout(1500);
const failure = (attempt: Promise<unknown>): Promise<DeliveryError> =>
  attempt.then(
    () => Promise.reject(new Error('it went through')),
    (error: unknown) => {
      expect(error).toBeInstanceOf(DeliveryError);
      return error as DeliveryError;
    },
  );
const REFUSED = { message: 'vendor: address not allowed', kind: 'misconfigured', status: null };

const NEVER = [
  ...['169.254.169.254', '169.254.0.1', '0.0.0.0', '0.1.2.3', '100.100.100.200', '224.0.0.1', '255.255.255.255'],
  ...['::', 'fe80::1', 'febf::1', 'fd00:ec2::254', 'ff02::1', '::ffff:169.254.169.254', '::ffff:a9fe:a9fe'],
  ...['::ffff:0.0.0.0', '::ffff:100.100.100.200', '64:ff9b::169.254.169.254'],
];
const OURS = [
  ...['127.0.0.1', '127.255.0.9', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1'],
  ...['198.18.0.1', '240.0.0.1', '::1', 'fc00::1', 'fd12::1', '::ffff:10.0.0.1', '::ffff:127.0.0.1', '::10.0.0.1'],
  ...['64:ff9b::10.0.0.1', '2002:a00:1::', '::ffff:c0a8:101'],
];
const PUBLIC = ['8.8.8.8', '172.32.0.1', '172.15.255.255', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8'];

describe('which addresses may be dialled', () => {
  test('link-local and where clouds keep credentials: never, not even for an address of the configuration', () => {
    expect(NEVER.filter((address) => mayDial(address, false) || mayDial(address, true))).toEqual([]);
  });

  test('this machine and its network: for what the operator wrote, not for what came from outside', () => {
    expect(OURS.filter((address) => !mayDial(address, false))).toEqual([]);
    expect(OURS.filter((address) => mayDial(address, true))).toEqual([]);
  });

  test('everybody else: always; what is no address: never', () => {
    expect(PUBLIC.filter((address) => !mayDial(address, true) || !mayDial(address, false))).toEqual([]);
    for (const none of ['', 'localhost', '127.1', '0x7f000001']) expect(mayDial(none, false)).toBe(false);
  });
});

describe('at the socket', () => {
  test('an address that stands in the URL, however it is written, is refused before a socket is made', async () => {
    const { port, hits } = await serve((_, res) => res.end('{}'));
    const ask = createSendRequest(resolving({}));
    const spelt = ['127.0.0.1', '2130706433', '0x7f.1', '017700000001', '127.1', '[::1]', '[::ffff:127.0.0.1]'];
    for (const host of spelt) {
      const request = { method: 'POST', url: `http://${host}:${port}/`, untrusted: true } as const;
      expect(await failure(ask('vendor', request, soon()))).toMatchObject(REFUSED);
    }
    for (const host of ['169.254.169.254', '2852039166', '[fe80::1]', '0.0.0.0', '0', '[::]', '[::ffff:a9fe:a9fe]']) {
      for (const scheme of ['http', 'https']) {
        const request = { method: 'GET', url: `${scheme}://${host}:${port}/latest/meta-data` } as const;
        expect(await failure(ask('vendor', request, soon()))).toMatchObject(REFUSED);
      }
    }
    expect(hits()).toBe(0);
  });

  test('the operator may page a webhook on this machine, by address and by name, over one connection', async () => {
    const sockets = new Set<unknown>();
    const { port } = await serve((req, res) => res.end(String(sockets.add(req.socket).size)));
    const ask = createSendRequest(resolving({ 'pager.internal': [['127.0.0.1']] }));
    for (const host of ['127.0.0.1', 'pager.internal', 'pager.internal']) {
      const { status } = await ask('vendor', { method: 'POST', url: `http://${host}:${port}/`, body: {} }, soon());
      expect(status).toBe(200);
    }
    expect(sockets.size).toBe(2);
  });

  test('O02: a name from outside that stands for an address of ours is refused, in every form', async () => {
    const { port, hits } = await serve((_, res) => res.end('{}'));
    for (const address of ['127.0.0.1', '::ffff:10.0.0.1', '::1', '192.168.1.1', '169.254.169.254']) {
      const ask = createSendRequest(resolving({ 'lvh.example': [[address]] }));
      const request = { method: 'GET', url: `http://lvh.example:${port}/`, untrusted: true } as const;
      expect(await failure(ask('vendor', request, soon()))).toMatchObject(REFUSED);
    }
    const ask = createSendRequest(resolving({ 'meta.example': [['169.254.169.254', 'fe80::1']] }));
    const request = { method: 'GET', url: `http://meta.example:${port}/` } as const;
    expect(await failure(ask('vendor', request, soon()))).toMatchObject(REFUSED);
    expect(hits()).toBe(0);
  });

  test('of several addresses only those that may be are dialled', async () => {
    const { port, hits } = await serve((_, res) => res.end('{}'));
    const ask = createSendRequest(resolving({ 'both.example': [['169.254.169.254', '127.0.0.1']] }));
    expect((await ask('vendor', { method: 'GET', url: `http://both.example:${port}/` }, soon())).status).toBe(200);
    expect(hits()).toBe(1);
  });

  test('O03: a name that means something else the second time is judged by what is dialled, once a dial', async () => {
    const { port, hits } = await serve((_, res) => res.end('{}'));
    // 192.0.2.0/24 is nobody's: it may be dialled, and nobody answers.
    const lookup = resolving({ 'rebind.example': [['192.0.2.1'], ['127.0.0.1']] });
    const ask = createSendRequest(lookup);
    const request = { method: 'GET', url: `http://rebind.example:${port}/`, untrusted: true } as const;
    const first = await failure(ask('vendor', request, AbortSignal.timeout(300)));
    expect([first.kind, lookup.asked]).toEqual(['retryable', 1]);
    expect(await failure(ask('vendor', request, soon()))).toMatchObject(REFUSED);
    expect([hits(), lookup.asked]).toEqual([0, 2]);
  });

  test('a connection that was opened for an address of the configuration is no way in for one from outside', async () => {
    const { port, hits } = await serve((_, res) => res.end('{}'));
    const ask = createSendRequest(resolving({ 'pager.internal': [['127.0.0.1']] }));
    const url = `http://pager.internal:${port}/`;
    await ask('vendor', { method: 'GET', url }, soon());
    expect(await failure(ask('vendor', { method: 'GET', url, untrusted: true }, soon()))).toMatchObject(REFUSED);
    expect(hits()).toBe(1);
  });

  test.each(['data:text/plain,hello', 'file:///etc/passwd', 'ftp://ftp.example/x', '//x', ''])(
    '%s is not called at all',
    async (url) => {
      expect(await failure(createSendRequest()('vendor', { method: 'GET', url }, soon()))).toMatchObject(REFUSED);
    },
  );

  test('a redirect to an address of ours is not followed', async () => {
    const inner = await serve((_, res) => res.end('{}'));
    const outer = await serve((_, res) => {
      res.writeHead(302, { location: `http://127.0.0.1:${inner.port}/` }).end();
    });
    const request = { method: 'POST', url: `http://127.0.0.1:${outer.port}/`, body: {} } as const;
    expect(await failure(callVendor('vendor', request, soon()))).toMatchObject({
      status: 302,
      kind: 'misconfigured',
    });
    expect(inner.hits()).toBe(0);
  });
});

describe('what comes back', () => {
  test('O06: 200 and "not ok" is a failure', async () => {
    const { port } = await serve((_, res) => res.end('{"ok":false,"error":"channel_not_found"}'));
    const slack = slackClient({ botToken: 'xoxb-secret', apiUrl: `http://127.0.0.1:${port}` });
    const error = await failure(slack.call('chat.postMessage', { channel: 'C1', text: 'x' }, soon()));
    expect([error.message, error.kind]).toEqual(['slack: channel_not_found', expect.any(String)]);
  });

  test('O08: no compressed answer is asked for, and none is decoded', async () => {
    let accepted: unknown;
    const bytes = Buffer.from('1f8b0800000000000003ff', 'hex');
    for (const encoding of ['br', 'gzip', 'deflate', 'br, br, br']) {
      const { port } = await serve((req, res) => {
        accepted = req.headers['accept-encoding'];
        res.writeHead(200, { 'content-encoding': encoding }).end(bytes);
      });
      const answer = await createSendRequest()('vendor', { method: 'GET', url: `http://127.0.0.1:${port}/` }, soon());
      expect([accepted, answer.status, answer.text]).toEqual(['identity', 200, bytes.toString('utf8')]);
    }
  });

  test('O09: a wait is what the vendor asked for, an hour at most, and nothing when nobody can read it', () => {
    const wait = (value: string): number | null => retryAfterOf({ headers: { 'retry-after': value } });
    expect([wait('30'), wait('99999999'), wait('9'.repeat(400))]).toEqual([30_000, 3_600_000, 3_600_000]);
    expect(wait(new Date(Date.now() + 20_000).toUTCString())).toBeGreaterThan(15_000);
    expect(wait('Fri, 31 Dec 9999 23:59:59 GMT')).toBe(3_600_000);
    expect(wait('Mon, 01 Jan 2024 00:00:00 GMT')).toBe(0);
    for (const garbage of ['soon', '', '-5', '1.5', '0x10', 'NaN', '2999-01-01']) expect(wait(garbage)).toBeNull();
  });

  test.each([
    ['ECONNREFUSED', 'http://127.0.0.1:1/'],
    ['ENOTFOUND', 'http://nowhere.example/'],
  ])('O11: %s may pass by itself, and its name is all that is told', async (code, url) => {
    const ask = createSendRequest(resolving({}));
    const error = await failure(ask('vendor', { method: 'GET', url }, soon()));
    expect([error.message, error.kind]).toEqual([`vendor: ${code}`, 'retryable']);
  });

  test.each([500, 502, 503, 504])('O11: HTTP %i may pass by itself', async (status) => {
    const { port } = await serve((_, res) => res.writeHead(status).end());
    const request = { method: 'POST', url: `http://127.0.0.1:${port}/`, body: {} } as const;
    expect(await failure(callVendor('vendor', request, soon()))).toMatchObject({ status, kind: 'retryable' });
  });

  test('O11, O12: TLS with somebody who does not speak it, and a line that is cut after the request, may pass', async () => {
    let taken = 0;
    const cutting = createNetServer((socket) => socket.once('data', () => void ((taken += 1), socket.destroy())));
    await new Promise<void>((listening) => cutting.listen(0, '127.0.0.1', listening));
    const { port } = cutting.address() as AddressInfo;
    for (const scheme of ['http', 'https']) {
      const request = { method: 'POST', url: `${scheme}://127.0.0.1:${port}/`, body: { key: 'k' } } as const;
      const error = await failure(callVendor('vendor', request, soon()));
      expect([error.kind, error.status]).toEqual(['retryable', null]);
    }
    expect(taken).toBe(2);
    await new Promise((closed) => cutting.close(closed));
  });

  test('O15: no failure tells an address, a header, a body or a secret', async () => {
    const { port } = await serve((req, res) =>
      req.url?.includes('cut') ? req.socket.destroy() : res.writeHead(401).end('says-secret'),
    );
    const lookup = resolving({ 'private-host.example': [['10.9.8.7']] });
    const asked = [
      [`http://user:pass-secret@127.0.0.1:${port}/path-secret?token=q-secret`, false],
      [`http://127.0.0.1:${port}/cut/path-secret`, false],
      [`http://private-host.example:${port}/path-secret`, true],
      [`http://unknown-host.example/path-secret`, false],
      [`gopher://path-secret`, false],
    ] as const;
    for (const [url, untrusted] of asked) {
      const request = { method: 'POST', url, untrusted, body: { a: 'b-secret' } } as const;
      const headers = { authorization: 'Bearer h-secret' };
      const attempt = createSendRequest(lookup)('vendor', { ...request, headers }, soon()).then(({ status }) => {
        throw new DeliveryError('vendor', { status });
      });
      const error = await failure(attempt);
      const told = `${inspect(error, { depth: 9 })} ${JSON.stringify(error)} ${String(error.stack).split('\n')[0]}`;
      expect(told).not.toMatch(/secret|127\.0\.0\.1|10\.9\.8\.7|example|gopher/);
    }
  });
});

test('O05: nothing outside this client, the command line and the embedded server speaks HTTP to anybody', () => {
  const root = join(import.meta.dirname, '../../..');
  const folders = [
    'activities',
    'config',
    'domain',
    'providers',
    'records',
    'schedules',
    'webhook-server',
    'worker',
    'workflows',
  ];
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  const speaks =
    /\bfetch\(|\baxios\b|\bundici\b|\bhttps?\.(request|get)\b|\{[^}]*\b(request|get)\b[^}]*\} from 'node:https?'/;
  const found = files
    .filter((file) => /\.[jt]s$/.test(file))
    .filter((file) => speaks.test(readFileSync(join(root, file), 'utf8')));
  expect(found).toEqual([join('providers', 'shared', 'http.ts')]);
  expect(files.length).toBeGreaterThan(100);
});
