/**
 * What every provider that speaks HTTP promises, whoever the vendor is: it says in one kind of error what happened and
 * what that means, in time, without a secret or the vendor's own words; and a repeat leaves one effect.
 *
 * How to apply it, in `test/providers/<vendor>/contract.test.ts`:
 *
 *     describeProvider('statuspage', async () => {
 *       const fake = await startFakeStatuspage({ key: SECRET });
 *       return {
 *         url: fake.url,                         // the fake vendor; a proxy that makes trouble is put in front of it
 *         secrets: [SECRET],                     // must not occur in any error
 *         provider: (url) => {                   // made once a test, with its base URL at the proxy
 *           const page = statuspage({ apiUrl: url, apiKey: SECRET, … });
 *           return (again, signal) => page.publish({ ...entry, again }, scene(), signal);  // always the same message
 *         },
 *         effects: () => fake.incidents().length, // how often that message has taken effect at the vendor
 *         unexpected: () => fake.unexpected,     // what the fake did not expect: a test that ends with any has failed
 *         expireToken: () => fake.expire(),      // from now on the token is good for nothing
 *         close: () => fake.close(),
 *       };
 *     }, { act: (method, path) => method === 'POST' && path.endsWith('/incidents') });
 *
 * `act` names the requests that the trouble befalls: the one that has the effect. Default: all of them. `readsAnswer:
 * false` for vendors whose 2xx is enough, whatever they say with it. `token: false` for those that have none.
 * `forgets` for those that cannot know a message again: a lost answer is then a second message. `means` where a status means something else for
 * the vendor than `runtime/failures.ts` says.
 */
import { inspect } from 'node:util';
import { DeliveryError } from '../../runtime/failures.ts';
import type { FailureKind } from '../../runtime/failures.ts';
import { startFaultInjectionProxy, VENDOR_TEXT } from './fault-injection-proxy.ts';
import type { ProxyFault, FaultInjectionProxy } from './fault-injection-proxy.ts';

/** Delivers the one message. `again`: it may have been delivered by a call before. */
export type Deliver = (again: boolean, signal: AbortSignal) => Promise<unknown>;

export interface ProviderUnderTest {
  readonly url: string;
  readonly secrets: readonly string[];
  provider(url: string): Deliver;
  effects(): number;
  unexpected(): readonly string[];
  readonly expireToken?: () => void;
  close(): Promise<void>;
}

export interface ProviderContractOptions {
  readonly act?: (method: string, path: string) => boolean;
  readonly readsAnswer?: boolean;
  readonly token?: boolean;
  readonly forgets?: boolean;
  readonly means?: Readonly<Partial<Record<number, FailureKind>>>;
  /** How long a 429 that names no time asks to wait by the vendor's documentation, ms. */
  readonly unaskedWaitMs?: number;
}

const MEANS: Readonly<Record<number, FailureKind>> = {
  400: 'rejected',
  401: 'misconfigured',
  403: 'misconfigured',
  404: 'misconfigured',
  408: 'retryable',
  413: 'rejected',
  422: 'rejected',
  429: 'retryable',
  500: 'retryable',
  502: 'retryable',
  503: 'retryable',
};
/** A call that is not troubled, or fails at once, is over long before. */
const IN_TIME_MS = 5_000;

export function describeProvider(
  name: string,
  setup: () => Promise<ProviderUnderTest>,
  options: ProviderContractOptions = {},
): void {
  const {
    act = () => true,
    readsAnswer = true,
    token = true,
    forgets = false,
    means = {},
    unaskedWaitMs = null,
  } = options;
  describe(`${name} keeps the contract of a provider`, () => {
    let vendor: ProviderUnderTest;
    let proxy: FaultInjectionProxy;
    let deliver: Deliver;

    beforeEach(async () => {
      vendor = await setup();
      proxy = await startFaultInjectionProxy(vendor.url, act);
      deliver = vendor.provider(proxy.url);
    });
    afterEach(async () => {
      // A rejection that nobody handles fails the test that is running: give it the time.
      await new Promise((resolve) => setTimeout(resolve, 5));
      await proxy.close();
      await vendor.close();
      expect(vendor.unexpected()).toEqual([]);
    });

    const once = (again = false): Promise<unknown> => deliver(again, AbortSignal.timeout(IN_TIME_MS));
    const failure = (attempt: Promise<unknown>): Promise<DeliveryError> => failureOf(attempt, vendor, proxy.url);

    /** Under `trouble` the delivery fails so; without it, the repeat leaves one effect. */
    async function failsThenPasses(trouble: ProxyFault, meaning: FailureKind): Promise<DeliveryError> {
      proxy.inject(trouble);
      const error = await failure(once());
      expect(proxy.faultCount).toBeGreaterThan(0);
      expect(error.kind).toBe(meaning);
      proxy.inject(null);
      await once(true);
      expect(vendor.effects()).toBe(1);
      return error;
    }

    test('all is well: one effect, also when it is delivered again', async () => {
      await once();
      expect(vendor.effects()).toBe(1);
      await once(true);
      expect(vendor.effects()).toBe(1);
    });

    for (const [status, usual] of Object.entries(MEANS)) {
      const meaning = means[Number(status)] ?? usual;
      test(`HTTP ${status} means ${meaning}, and waits for nothing`, async () => {
        const error = await failsThenPasses({ kind: 'status', status: Number(status) }, meaning);
        expect(error.status).toBe(Number(status));
        expect(error.retryAfterMs).toBe(status === '429' ? unaskedWaitMs : null);
      });
    }

    test('429 with seconds to wait: later, and that long', async () => {
      const error = await failsThenPasses(
        { kind: 'status', status: 429, headers: { 'retry-after': '7' } },
        'retryable',
      );
      expect(error.retryAfterMs).toBe(7_000);
    });

    test('429 with a date: later, and until then', async () => {
      const date = new Date(Date.now() + 30_000).toUTCString();
      const error = await failsThenPasses(
        { kind: 'status', status: 429, headers: { 'retry-after': date } },
        'retryable',
      );
      expect(error.retryAfterMs).toBeGreaterThan(25_000);
      expect(error.retryAfterMs).toBeLessThanOrEqual(30_000);
    });

    test('429 with a time that nobody can read: later', async () => {
      const error = await failsThenPasses(
        { kind: 'status', status: 429, headers: { 'retry-after': 'soon' } },
        'retryable',
      );
      expect(error.retryAfterMs).toBe(unaskedWaitMs);
    });

    test('no answer: it ends when its time is up', async () => {
      proxy.inject({ kind: 'hang' });
      const begun = Date.now();
      const error = await failure(deliver(false, AbortSignal.timeout(200)));
      expect(Date.now() - begun).toBeLessThan(2_000);
      expect(error.kind).toBe('retryable');
    });

    test('nobody listens: later', async () => {
      await proxy.close();
      const error = await failure(once());
      expect([error.kind, error.status]).toEqual(['retryable', null]);
    });

    test('the connection is closed before the vendor has seen it: later, and the repeat arrives', async () => {
      await failsThenPasses({ kind: 'reset' }, 'retryable');
    });

    const repeat = forgets ? 'is at least as good' : 'changes nothing';
    test(`the vendor has it and its answer is lost: later, and the repeat ${repeat}`, async () => {
      proxy.inject({ kind: 'accept-then-reset' });
      const error = await failure(once());
      expect(error.kind).toBe('retryable');
      expect(vendor.effects()).toBe(1);
      proxy.inject(null);
      await once(true);
      expect(vendor.effects()).toBe(forgets ? 2 : 1);
    });

    if (readsAnswer) {
      test('a web page instead of an answer: later', async () => {
        await failsThenPasses({ kind: 'malformed' }, 'retryable');
      });
    } else {
      test('a web page instead of an answer: accepted is accepted', async () => {
        proxy.inject({ kind: 'malformed' });
        await once();
      });
    }

    test('half an answer: later', async () => {
      await failsThenPasses({ kind: 'truncated' }, 'retryable');
    });

    test('an answer that does not end: later', async () => {
      await failsThenPasses({ kind: 'huge' }, 'retryable');
    });

    for (const status of [302, 307]) {
      test(`a redirect (${status}) is a wrong address, and nobody follows it`, async () => {
        const elsewhere = await startFaultInjectionProxy(vendor.url, () => true);
        elsewhere.inject({ kind: 'status', status: 200 });
        const location = `${elsewhere.url}/${VENDOR_TEXT}`;
        try {
          await failsThenPasses({ kind: 'status', status, headers: { location } }, 'misconfigured');
          expect(elsewhere.faultCount).toBe(0);
        } finally {
          await elsewhere.close();
        }
      });
    }

    if (token) {
      test('the token has expired: a person has to mend it', async () => {
        expect(vendor.expireToken).toBeDefined();
        vendor.expireToken?.();
        const error = await failure(once());
        expect(error.kind).toBe('misconfigured');
        expect(vendor.effects()).toBe(0);
      });
    }
  });
}

/** What `attempt` fails with: a DeliveryError that tells nothing it must not. */
async function failureOf(
  attempt: Promise<unknown>,
  { secrets }: ProviderUnderTest,
  url: string,
): Promise<DeliveryError> {
  const error = await attempt.then(
    () => null,
    (err: unknown) => err,
  );
  expect(error).toBeInstanceOf(DeliveryError);
  const told = [String(error), (error as Error).stack, JSON.stringify(error), inspect(error, { depth: 9 })].join('\n');
  for (const secret of [...secrets, VENDOR_TEXT, new URL(url).host]) expect(told).not.toContain(secret);
  return error as DeliveryError;
}
