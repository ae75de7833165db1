/** What both APIs of sources promise: what fires there by fingerprint, and trouble in one kind of error. */
import { DeliveryError } from '../../runtime/failures.ts';
import type { AlertSource } from '../../activities/ports.ts';
import { expectRequest, startFakeApi, type FakeApi } from '../support/fake-api.ts';
import {
  startFaultInjectionProxy,
  VENDOR_TEXT,
  type ProxyFault,
  type FaultInjectionProxy,
} from './fault-injection-proxy.ts';

const TOKEN = 'source-api-token-0123456789';

type Make = (api: { readonly url: string; readonly token: string | null }) => AlertSource;

/** An alert as the API v2 lists it. */
const alert = (fingerprint: string, state = 'active') => ({
  fingerprint,
  labels: { alertname: 'CheckoutFails' },
  annotations: {},
  startsAt: '2026-11-21T00:00:00.000Z',
  endsAt: '2026-11-21T00:05:00.000Z',
  receivers: [{ name: 'tocsin' }],
  status: { state, silencedBy: [], inhibitedBy: [], mutedBy: [] },
});

export function describeSourceApi(vendor: string, path: string, make: Make): void {
  let fake: FakeApi;
  let proxy: FaultInjectionProxy;
  let alerts: unknown;
  beforeEach(async () => {
    alerts = [alert('aaaa'), alert('bbbb', 'suppressed'), { nonsense: true }];
    fake = await startFakeApi(({ method, path: asked, query, headers }) => {
      expectRequest(method === 'GET' && asked === path, `${method} ${asked}`);
      expectRequest(
        ['active', 'inhibited'].every((word) => query.get(word) === 'true') && query.get('silenced') === 'false',
        'inhibited ones fire, too; silenced ones do not count',
      );
      return headers.authorization === `Bearer ${TOKEN}` ? { status: 200, json: alerts } : { status: 401 };
    });
    proxy = await startFaultInjectionProxy(fake.url, () => true);
  });
  afterEach(async () => {
    await proxy.close();
    await fake.close();
    expect(fake.unexpected).toEqual([]);
  });

  const ask = (token: string | null = TOKEN, ms = 2_000): Promise<ReadonlySet<string>> =>
    make({ url: proxy.url, token }).firing(AbortSignal.timeout(ms));

  async function failure(asking: Promise<unknown>): Promise<DeliveryError> {
    const error: unknown = await asking.then(
      () => null,
      (err: unknown) => err,
    );
    expect(error).toBeInstanceOf(DeliveryError);
    for (const secret of [TOKEN, VENDOR_TEXT, proxy.url]) expect(String((error as Error).stack)).not.toContain(secret);
    return error as DeliveryError;
  }

  test('[LIFE-24] everything that fires is listed, inhibited or not', async () => {
    expect([...(await ask())]).toEqual(['aaaa', 'bbbb']);
    alerts = [];
    expect((await ask()).size).toBe(0);
  });

  test('a token that is missing or wrong is a matter of the settings', async () => {
    for (const token of [null, 'wrong']) expect((await failure(ask(token))).kind).toBe('misconfigured');
  });

  const troubles: readonly ProxyFault[] = [
    { kind: 'status', status: 503 },
    { kind: 'reset' },
    { kind: 'malformed' },
    { kind: 'truncated' },
    { kind: 'huge' },
  ];
  test.each(troubles)('in trouble ($kind) it says nothing of any alert: it is asked again', async (trouble) => {
    proxy.inject(trouble);
    const error = await failure(ask());
    expect([error.kind, error.vendor]).toEqual(['retryable', vendor]);
  });

  test('one that hangs is given up in time', async () => {
    proxy.inject({ kind: 'hang' });
    const begun = performance.now();
    expect((await failure(ask(TOKEN, 300))).kind).toBe('retryable');
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
}
