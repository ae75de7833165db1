/** B: encodings, types and sizes of bodies. */
import { createHook } from 'node:async_hooks';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import zlib, { gzipSync } from 'node:zlib';
import { ConfigError } from '../../../config/problems.ts';
import { rejectedFolderOf } from '../../../webhook-server/ingest/dead-letters/rejections.ts';
import { configFromYaml, rawRequest, HTTP_TEST_YAML, type TestHttpServer } from '../support/test-http-server.ts';
import {
  requestHead,
  ALERTMANAGER_ROUTE,
  validCredentials,
  statusCodes,
  VALID_BODY,
  validRequest,
  type HostileCase,
} from './hostile-case.ts';

const TYPE = 'content-type';
const MIB = 1024 * 1024;

/** The answer has this code, is a problem, and says nothing back of what was sent. */
const sent =
  (body: string | Uint8Array, headers: Record<string, string>, status: number): HostileCase['act'] =>
  async (edge) => {
    const answer = await edge.post(ALERTMANAGER_ROUTE, body, { ...validCredentials, ...headers });
    const text = await answer.text();
    expect(answer.status).toBe(status);
    if (status === 202) return;
    expect(JSON.parse(text)).toMatchObject({ status, problems: expect.any(Array) as unknown });
    expect(text).not.toContain('sent-text');
  };

const refusals = async ({ url }: TestHttpServer, reason: string): Promise<number> => {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const line = `tocsin_ingest_rejected_total{source="alertmanager",reason="${reason}"} `;
  return Number(
    metrics
      .split('\n')
      .find((each) => each.startsWith(line))
      ?.slice(line.length) ?? 0,
  );
};

/** Nothing may reach a decoder: body parsers decode by default, and decoders have been ways in. */
const undecoded =
  (encoding: string, body: Uint8Array | string, headers: Record<string, string>): HostileCase['act'] =>
  async (edge) => {
    let decoders = 0;
    const hook = createHook({ init: (_id, type) => void (decoders += Number(type === 'ZLIB')) }).enable();
    try {
      const answer = await edge.post(ALERTMANAGER_ROUTE, body, { ...headers, 'content-encoding': encoding });
      expect([answer.status, decoders]).toEqual([415, 0]);
      zlib.createGunzip().destroy();
      expect(decoders).toBe(1); // it would have been noticed
    } finally {
      hook.disable();
    }
  };

async function oneTooMany(edge: TestHttpServer): Promise<void> {
  const before = await refusals(edge, 'too_large');
  await sent(Buffer.alloc(16 * MIB + 1, 0x20), {}, 413)(edge);
  expect(await refusals(edge, 'too_large')).toBe(before + 1);
  expect(edge.reportedAlerts.map(({ declaration }) => declaration.title)).toEqual([
    'Messages from alertmanager are rejected (too_large)',
  ]);
}

async function largest(edge: TestHttpServer): Promise<void> {
  const start = `${VALID_BODY.slice(0, -1)},"pad":"`;
  await sent(`${start}${'x'.repeat(16 * MIB - start.length - 2)}"}`, {}, 202)(edge);
}

async function endless({ server }: TestHttpServer): Promise<void> {
  let written = 0;
  const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
  const answer = await new Promise<string>((resolve) => {
    let got = '';
    const socket = connect(server.port, '127.0.0.1', () => {
      socket.write(requestHead('Transfer-Encoding: chunked'));
      const more = (): void => {
        while (!socket.destroyed && written < 2_000_000_000 && socket.write(chunk)) written += chunk.length;
        if (!socket.destroyed) socket.once('drain', more);
      };
      more();
    });
    socket.setEncoding('utf8').on('data', (data: string) => (got += data));
    socket.on('error', () => undefined).on('close', () => resolve(got));
  });
  expect(statusCodes(answer)).toEqual([413]);
  expect(written).toBeLessThan(2_000_000_000);
}

const NO_UTF8 = Buffer.concat([Buffer.from('{"alerts":[],"x":"'), Buffer.from([0xff, 0xfe, 0xc0]), Buffer.from('"}')]);

async function keptWhenCut(edge: TestHttpServer): Promise<void> {
  await sent('{"alerts":["sent-text', {}, 400)(edge);
  expect(readdirSync(rejectedFolderOf(edge.home)).length).toBeGreaterThan(0);
}

async function noFileLeft(edge: TestHttpServer): Promise<void> {
  const before = readdirSync(tmpdir()).length;
  await sent(
    `--x\r\nContent-Disposition: form-data; name="f"; filename="../a"\r\n\r\n${VALID_BODY}\r\n--x--`,
    { [TYPE]: 'multipart/form-data; boundary=x' },
    415,
  )(edge);
  expect(readdirSync(tmpdir()).length).toBeLessThanOrEqual(before + 2);
}

/** No size can be configured, so no size can be misread: the key itself is refused, and nothing runs. */
function noSuchSetting(): Promise<void> {
  for (const line of ['bodyLimit: "10 megabytes"', 'limits: { body: 10 megabytes }'])
    expect(() => configFromYaml(`${HTTP_TEST_YAML}\n${line}\n`)).toThrow(ConfigError);
  return Promise.resolve();
}

async function asText(body: string, status: number, { url }: TestHttpServer): Promise<void> {
  expect(statusCodes(await rawRequest(url, body, 300))).toEqual([status]);
}

const typed = (type: string): HostileCase['act'] => sent(VALID_BODY, { [TYPE]: type }, 415);

export const BODIES: readonly HostileCase[] = [
  { id: 'B01', what: 'brotli', act: undecoded('br', zlib.brotliCompressSync(VALID_BODY), validCredentials) },
  { id: 'B02', what: 'broken brotli, unauthenticated', act: undecoded('br', 'no brotli', {}) },
  { id: 'B02', what: 'brotli in capitals', act: undecoded('BR', 'no brotli', {}) },
  { id: 'B04', what: 'gzip twice', act: undecoded('gzip, gzip', gzipSync(gzipSync(VALID_BODY)), validCredentials) },
  ...['zstd', 'compress', 'x', 'deflate', 'identity, br', ' '].map((encoding) => ({
    id: 'B05',
    what: `the encoding "${encoding}"`,
    act:
      encoding === ' '
        ? (edge: TestHttpServer) => asText(validRequest('\r\nContent-Encoding: ,'), 415, edge)
        : undecoded(encoding, VALID_BODY, validCredentials),
  })),
  {
    id: 'B05',
    what: 'identity is no encoding',
    incidents: 1,
    act: sent(VALID_BODY, { 'content-encoding': 'identity' }, 202),
  },
  {
    id: 'B07',
    what: 'gzip with garbage behind it',
    act: undecoded('gzip', Buffer.concat([gzipSync(VALID_BODY), Buffer.from('garbage')]), validCredentials),
  },
  { id: 'B08', what: 'a byte too many is counted, and people hear of it', act: oneTooMany },
  { id: 'B08', what: '16 MiB are taken', incidents: 1, act: largest },
  { id: 'B10', what: 'chunks without end', act: endless },
  { id: 'B11', what: 'an empty body', act: sent('', {}, 400) },
  {
    id: 'B11',
    what: 'an empty body in chunks',
    act: (edge) => asText(requestHead('Transfer-Encoding: chunked') + '0\r\n\r\n', 400, edge),
  },
  { id: 'B13', what: 'text/plain', act: typed('text/plain') },
  { id: 'B13', what: 'a form', act: typed('application/x-www-form-urlencoded') },
  { id: 'B13', what: 'JSON of another kind', act: typed('application/vnd.api+json') },
  {
    id: 'B14',
    what: 'no type at all',
    act: (edge) => asText(validRequest().replace('Content-Type: application/json\r\n', ''), 415, edge),
  },
  ...['utf-7', 'utf-16', 'utf-16le', ''].map((set) => ({
    id: 'B16',
    what: `charset ${set}`,
    act: typed(`application/json; charset=${set}`),
  })),
  { id: 'B17', what: 'latin 1', act: typed('application/json; charset=iso-8859-1') },
  {
    id: 'B17',
    what: 'utf-8 said aloud is fine',
    incidents: 1,
    act: sent(VALID_BODY, { [TYPE]: 'application/json; charset="UTF-8"' }, 202),
  },
  { id: 'B19', what: 'bytes that are no UTF-8', act: sent(NO_UTF8, {}, 400) },
  { id: 'B19', what: 'a byte order mark is fine', incidents: 1, act: sent(`\ufeff${VALID_BODY}`, {}, 202) },
  { id: 'B20', what: 'cut JSON is kept, and not said back', act: keptWhenCut },
  ...[
    '{"alerts":[]/*sent-text*/}',
    '{"alerts":[],}',
    '{"alerts":NaN}',
    "{'alerts':[]}",
    '{alerts:[]}',
    '// sent-text',
  ].map((body) => ({ id: 'B22', what: body, act: sent(body, {}, 400) })),
  { id: 'B23', what: 'a file', act: noFileLeft },
  { id: 'B25', what: 'a limit in words in the configuration', act: noSuchSetting },
  {
    id: 'B10',
    what: 'a chunk size that is no number',
    act: (edge) => asText(requestHead('Transfer-Encoding: chunked') + 'zz\r\n{}\r\n0\r\n\r\n', 400, edge),
  },
  {
    id: 'B08',
    what: 'a length that is no number',
    act: (edge) => asText(requestHead('Content-Length: 1e3') + VALID_BODY, 400, edge),
  },
  {
    id: 'B08',
    what: 'a length of 2^64',
    act: (edge) => asText(requestHead('Content-Length: 18446744073709551616') + VALID_BODY, 400, edge),
  },
  {
    id: 'B08',
    what: 'a length of 10^15',
    act: (edge) => asText(requestHead('Content-Length: 1000000000000000') + VALID_BODY, 413, edge),
  },
];
