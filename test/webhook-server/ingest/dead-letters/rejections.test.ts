/** What follows from a refusal: our senders' messages are kept and people hear of them; unauthenticated senders achieve nothing. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RoutedAlerts } from '../../../../webhook-server/incidents/gateway.ts';
import { rejectedFolderOf } from '../../../../webhook-server/ingest/dead-letters/rejections.ts';
import {
  base,
  bearer,
  startTestHttpServer,
  rawRequest,
  HTTP_TEST_SECRETS,
  type TestHttpServerOptions,
  type TestHttpServer,
} from '../../support/test-http-server.ts';

const HOOK = '/webhooks/alertmanager';
const right = bearer(HTTP_TEST_SECRETS.AM_TOKEN);
const ofOurselves = ({ reportedAlerts }: TestHttpServer): readonly RoutedAlerts[] =>
  reportedAlerts.filter(({ source }) => source === 'tocsin');
const keptIn = ({ home }: TestHttpServer): readonly string[] =>
  existsSync(rejectedFolderOf(home)) ? readdirSync(rejectedFolderOf(home)).sort() : [];

async function withEdge(act: (edge: TestHttpServer) => Promise<void>, options?: TestHttpServerOptions): Promise<void> {
  const edge = await startTestHttpServer(options);
  try {
    await act(edge);
  } finally {
    await edge.close();
  }
}

const read = (edge: TestHttpServer, n = 0): readonly [Record<string, unknown>, string] => {
  const text = readFileSync(join(rejectedFolderOf(edge.home), keptIn(edge)[n] ?? ''), 'utf8');
  const end = text.indexOf('\n');
  return [JSON.parse(text.slice(0, end)) as Record<string, unknown>, text.slice(end + 1)];
};

test.each<[string, string | Uint8Array, Record<string, string>, number]>([
  ['json', '{"alerts":[', {}, 400],
  ['empty', '', {}, 400],
  ['invalid', '{"alerts":{}}', {}, 400],
  ['too_deep', '['.repeat(40), {}, 400],
  ['utf8', new Uint8Array([0x22, 0xff, 0x22]), {}, 400],
  ['content_type', 'hello', { 'content-type': 'text/plain' }, 415],
  ['encoding', 'hello', { 'content-encoding': 'gzip' }, 415],
])(
  '%s: our sender is answered, its message is kept, and an incident tells people',
  async (reason, body, headers, status) => {
    await withEdge(async (edge) => {
      expect((await edge.post(HOOK, body, { ...right, ...headers })).status).toBe(status);
      const [head, kept] = read(edge);
      expect(head).toMatchObject({ source: 'alertmanager', reason, status, from: '127.0.0.1', whole: true });
      expect(Buffer.from(kept)).toEqual(Buffer.from(Buffer.from(body).toString('utf8')));
      expect(ofOurselves(edge).map(({ declaration, alerts }) => [declaration, alerts])).toMatchObject([
        [
          {
            title: `Messages from alertmanager are rejected (${reason})`,
            severity: 'SEV3',
            team: 'platform',
            source: 'tocsin',
            test: false,
          },
          [{ status: 'firing', severity: 'SEV3', labels: { source: 'alertmanager', reason } }],
        ],
      ]);
      expect(ofOurselves(edge)[0]?.declaration.workflowId).toMatch(/^inc-platform-[0-9a-f]{20}$/);
    });
  },
);

test('too large: the beginning is kept, whether it came with a length or in chunks', async () => {
  await withEdge(async (edge) => {
    const large = Buffer.alloc(17 * 1024 * 1024, 0x61);
    expect((await edge.post(HOOK, large, right)).status).toBe(413);
    const [head, kept] = read(edge);
    expect(head).toMatchObject({ reason: 'too_large', status: 413, declaredBytes: large.length, whole: false });
    expect([kept.length > 0, kept.length <= 65_536]).toEqual([true, true]);
  });
  await withEdge(async (edge) => {
    const chunk = `100000\r\n${'b'.repeat(0x100000)}\r\n`;
    const head = `POST ${HOOK} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${HTTP_TEST_SECRETS.AM_TOKEN}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    expect(await rawRequest(edge.url, head + chunk.repeat(17), 3000)).toMatch(/^HTTP\/1.1 413/);
    expect(read(edge)[1]).toBe('b'.repeat(65_536));
  });
});

test('an unauthenticated client opens nothing and leaves nothing behind, whatever is sent', async () => {
  await withEdge(async (edge) => {
    const strange: [string, Record<string, string>][] = [
      ['{', {}],
      ['{', bearer('wrong')],
      ['{', { ...bearer('wrong'), 'content-encoding': 'br' }],
      ['{', { 'content-encoding': 'gzip' }],
      ['x', { 'content-type': 'text/plain' }],
      ['{', { 'x-grafana-alerting-signature': '0'.repeat(64), 'x-signed-at': '1' }],
      ['{', { 'x-grafana-alerting-signature': '0'.repeat(64), 'content-encoding': 'br' }],
      ['x', { 'x-grafana-alerting-signature': '0'.repeat(64), 'content-type': 'text/plain' }],
    ];
    for (const path of [HOOK, '/webhooks/grafana', '/webhooks/generic', '/v2/enqueue', '/nowhere'])
      for (const [body, headers] of strange)
        expect((await edge.post(path, body, headers)).status).toBeGreaterThanOrEqual(400);
    expect([keptIn(edge), edge.reportedAlerts]).toEqual([[], []]);
    expect(edge.logged.length).toBeLessThan(60);
  });
});

test('the same refusals are one incident: told at most every ten minutes, each reason and source by itself', async () => {
  let now = Date.UTC(2026, 0, 5, 9);
  await withEdge(
    async (edge) => {
      const refuse = (body: string, path = HOOK): Promise<Response> => edge.post(path, body, right);
      for (let n = 0; n < 5; n += 1) await refuse(`{${n}`);
      await refuse('');
      await refuse('{', '/webhooks/grafana');
      now += 599_000;
      await refuse('{');
      const ids = (): readonly string[] => ofOurselves(edge).map(({ declaration }) => declaration.workflowId);
      expect([ids().length, new Set(ids()).size]).toEqual([3, 3]);
      now += 2000;
      await refuse('{');
      expect([ids().length, ids()[3]]).toEqual([4, ids()[0]]);
      const [first, , , last] = ofOurselves(edge);
      expect(last?.alerts[0]?.fingerprint).toBe(first?.alerts[0]?.fingerprint);
      expect((last?.alerts[0]?.startsAt ?? 0) - (first?.alerts[0]?.startsAt ?? 0)).toBe(601_000);
      expect(new Set(ofOurselves(edge).map(({ declaration }) => declaration.incidentId)).size).toBe(4);
    },
    { now: () => now },
  );
});

test('when nobody can be told, it is logged, nothing recurs, and a minute later it is tried again', async () => {
  let now = Date.UTC(2026, 0, 5, 9);
  let calls = 0;
  const report = (): Promise<never> => Promise.reject(new Error(`no gateway ${(calls += 1)}`));
  await withEdge(
    async (edge) => {
      expect((await edge.post(HOOK, '{', right)).status).toBe(400);
      expect((await edge.post(HOOK, '{', right)).status).toBe(400);
      expect(calls).toBe(1);
      expect(edge.logged).toContainEqual({ err: expect.any(Error) as Error, source: 'alertmanager', reason: 'json' });
      now += 61_000;
      await edge.post(HOOK, '{', right);
      expect(calls).toBe(2);
    },
    { now: () => now, gateway: { report } },
  );
});

test('a message that breaks us is kept and told as well; a gateway that is merely away is not', async () => {
  const report = (routedAlerts: readonly RoutedAlerts[]): Promise<readonly string[]> =>
    routedAlerts[0]?.source === 'tocsin' ? Promise.resolve([]) : Promise.reject(new TypeError('a bug'));
  await withEdge(
    async (edge) => {
      expect((await edge.post(HOOK, base(), right)).status).toBe(503);
      expect(read(edge)[0]).toMatchObject({ reason: 'bug', status: 503 });
    },
    { gateway: { report } },
  );
});

test('a disk that refuses delays nobody', async () => {
  await withEdge(async (edge) => {
    writeFileSync(rejectedFolderOf(edge.home), 'a file where the folder should be');
    const begun = Date.now();
    expect((await edge.post(HOOK, '{', right)).status).toBe(400);
    expect(Date.now() - begun).toBeLessThan(1000);
    expect(ofOurselves(edge).length).toBe(1);
  });
});

test('a sender that hangs up in the middle is no refusal: it will come again', async () => {
  await withEdge(async (edge) => {
    await rawRequest(
      edge.url,
      `POST ${HOOK} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${HTTP_TEST_SECRETS.AM_TOKEN}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
      200,
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect([keptIn(edge), edge.reportedAlerts]).toEqual([[], []]);
  });
});

test('credentials inside a refused body are not kept', async () => {
  await withEdge(async (edge) => {
    await edge.post(HOOK, `{"token":"${HTTP_TEST_SECRETS.AM_TOKEN}","hmac":"${HTTP_TEST_SECRETS.HMAC}"`, right);
    expect(read(edge)[1]).toBe('{"token":"***","hmac":"***"');
  });
});
