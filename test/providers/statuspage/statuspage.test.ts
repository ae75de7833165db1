/** Atlassian Statuspage: the right words, once, and the component in the right state. */
import type { PublicEntry } from '../../../activities/ports.ts';
import { DeliveryError } from '../../../runtime/failures.ts';
import { atlassianStatuspage } from '../../../providers/statuspage/statuspage.ts';
import { startFakeStatuspage, type FakeStatuspage } from '../../support/fake-statuspage.ts';
import { describeProvider } from '../provider-contract.ts';
import { anIncidentContext, INCIDENT_ID } from '../provider-fixtures.ts';

const KEY = 'sp-secret-key';
const PAGE = 'page1';

let fake: FakeStatuspage;
beforeEach(async () => {
  fake = await startFakeStatuspage({ pageId: PAGE, key: KEY });
  fake.components.set('comp-checkout', 'operational');
});
afterEach(async () => {
  await fake.close();
  expect(fake.unexpected).toEqual([]);
});

const setting = (apiUrl: string, components = new Map([['Checkout', 'comp-checkout']])) => ({
  pageId: PAGE,
  apiKey: KEY,
  apiUrl,
  components,
  timeZone: 'Europe/Berlin',
});

function anEntry(over: Partial<PublicEntry> = {}): PublicEntry {
  const n = over.n ?? 1;
  return {
    key: `${INCIDENT_ID}/entry/${n}`,
    at: Date.now(),
    mayBeRepeat: false,
    incidentId: INCIDENT_ID,
    n,
    renews: false,
    state: 'Investigating',
    impact: 'critical',
    component: 'Checkout',
    text: 'We are investigating a problem with Checkout.',
    nextUpdateAt: null,
    ...over,
  };
}

/** Publishes entries of one incident one after the other, with what was learned kept between them. */
function teller({ refs = {}, components }: { refs?: Record<string, string>; components?: Map<string, string> } = {}) {
  const page = atlassianStatuspage(setting(fake.url, components));
  const publish = (over: Partial<PublicEntry> = {}, scene = anIncidentContext({ refs })): Promise<void> =>
    page.publish(anEntry(over), scene, AbortSignal.timeout(5_000));
  return { refs, publish };
}

const isDeliveryError = async (attempt: Promise<unknown>): Promise<DeliveryError> => {
  const err: unknown = await attempt.catch((caught: unknown) => caught);
  expect(err).toBeInstanceOf(DeliveryError);
  return err as DeliveryError;
};

test('an incident from its first entry to its last: one incident there, each word once, the component right', async () => {
  const { refs, publish } = teller();
  const states: unknown[] = [];
  for (const [i, state] of (['Investigating', 'Identified', 'Monitoring', 'Resolved'] as const).entries()) {
    await publish({ n: i + 1, state, text: `${state} now.`, key: `${INCIDENT_ID}/entry/${i + 1}` });
    states.push([fake.incidents[0]?.status, fake.components.get('comp-checkout')]);
  }
  expect(states).toEqual([
    ['investigating', 'major_outage'],
    ['identified', 'major_outage'],
    ['monitoring', 'degraded_performance'],
    ['resolved', 'operational'],
  ]);
  expect(fake.incidents).toHaveLength(1);
  expect(fake.incidents[0]).toMatchObject({ name: 'Problem with Checkout', impact: 'critical' });
  expect(fake.mails()).toEqual(['Investigating now.', 'Identified now.', 'Monitoring now.', 'Resolved now.']);
  expect(refs).toEqual({ 'statuspage.incident': 'inc-1' });
});

test('a major impact is a partial outage; an incident without a component is about our services', async () => {
  await teller().publish({ impact: 'major' });
  expect(fake.components.get('comp-checkout')).toBe('partial_outage');
  await teller().publish({ incidentId: 'OTHER', component: null });
  expect(fake.incidents[1]).toMatchObject({ name: 'Problem with our services', components: [] });
});

test('[COMM-10] the entry says when the next one comes, in the zone of the organization', async () => {
  await teller().publish({ text: 'Working on it.', nextUpdateAt: Date.parse('2024-01-15T13:30:00Z') });
  expect(fake.mails()).toEqual(['Working on it.\n\nNext update by 14:30 CET.']);
});

describe('[COMM-8] a holding update is renewed', () => {
  const HOLDING = { n: 2, text: 'We are still working on it.\nImpact: all users of Checkout.' };
  const AT = Date.parse('2024-01-15T13:30:00Z');
  const renewal = { ...HOLDING, renews: true, at: AT, nextUpdateAt: AT + 15 * 60_000 };

  test('in place, with its time and what it promises, and mails nobody', async () => {
    const { publish } = teller();
    await publish();
    await publish(HOLDING);
    for (const mayBeRepeat of [false, true])
      await publish({ ...renewal, text: HOLDING.text.replace('all', 'some'), mayBeRepeat });
    expect(fake.incidents[0]?.incident_updates).toMatchObject([
      {
        body: 'We are still working on it.\nImpact: some users of Checkout.\n\nNext update by 14:45 CET.',
        display_at: '2024-01-15T13:30:00.000Z',
      },
      { body: 'We are investigating a problem with Checkout.', display_at: null },
    ]);
    expect(fake.mails()).toHaveLength(2);
  });

  test('as an entry of its own where somebody has edited or deleted it over there', async () => {
    const { publish } = teller();
    await publish(HOLDING);
    fake.incidents[0]!.incident_updates[0]!.body = 'People wrote this.';
    await publish(renewal);
    expect(fake.incidents[0]?.incident_updates.map(({ body }) => body.split('\n')[0])).toEqual([
      'We are still working on it.',
      'People wrote this.',
    ]);
    fake.incidents.length = 0;
    await publish(renewal);
    expect(fake.incidents).toHaveLength(1);
  });
});

test('nothing of the alert leaves: not its title, its summary or its labels', async () => {
  const incident = { title: 'db-7 secret-host down', summary: 'password in the log', service: 'payments-internal' };
  await teller().publish({}, anIncidentContext({ incident }));
  const sent = JSON.stringify(fake.requests.map(({ body, path }) => [path, body]));
  for (const word of ['secret-host', 'password', 'payments-internal', 'Ana']) expect(sent).not.toContain(word);
});

test.each([{ restricted: true }, { test: true }])('[COMM-14] never public, whoever asks: %j', async (head) => {
  const err = await isDeliveryError(teller().publish({}, anIncidentContext({ head })));
  expect(err.kind).toBe('rejected');
  expect(fake.requests).toEqual([]);
});

test('[COMM-17] two entries were told and the answer was lost: neither mails anybody again', async () => {
  const { publish } = teller();
  await publish({ n: 1 });
  await publish({ n: 4, state: 'Identified', text: 'Known.' });
  const { refs, publish: repeat } = teller(); // It does not know the incident.
  await repeat({ n: 1, mayBeRepeat: true });
  await repeat({ n: 4, state: 'Identified', text: 'Known.', mayBeRepeat: true });
  expect(fake.mails()).toHaveLength(2);
  expect(fake.incidents[0]?.status).toBe('identified');
  expect(refs).toEqual({ 'statuspage.incident': 'inc-1' });
  await repeat({ n: 5, text: 'New.', mayBeRepeat: true });
  expect(fake.mails()).toHaveLength(3);
});

test('a resolved incident is found again too; another incident is not taken for it', async () => {
  await teller().publish({ state: 'Resolved', incidentId: 'OTHER' });
  await teller().publish({ state: 'Resolved' });
  await teller().publish({ state: 'Resolved', mayBeRepeat: true });
  expect(fake.mails()).toHaveLength(2);
});

test('somebody emptied the metadata: an update that is there in these words is not sent again', async () => {
  const { publish } = teller();
  await publish();
  fake.incidents[0]!.metadata = {};
  await publish({ mayBeRepeat: true });
  expect(fake.mails()).toHaveLength(1);
});

test.each([true, false])(
  'the incident was deleted over there (repeat: %s): a new one is made, once',
  async (mayBeRepeat) => {
    const refs = { 'statuspage.incident': 'inc-gone' };
    await teller({ refs }).publish({ n: 2, mayBeRepeat });
    expect(refs['statuspage.incident']).toBe('inc-1');
    await teller({ refs: { 'statuspage.incident': 'inc-gone' } }).publish({ n: 2, mayBeRepeat: true });
    expect(fake.incidents).toHaveLength(1);
    expect(fake.mails()).toHaveLength(1);
  },
);

test('another open incident names the component: ours resolves and leaves the component as it is', async () => {
  const ours = teller();
  await ours.publish();
  await teller().publish({ incidentId: 'OTHER', impact: 'major' });
  await ours.publish({ n: 2, state: 'Resolved', text: 'Over.' });
  expect(fake.incidents[0]?.status).toBe('resolved');
  expect(fake.components.get('comp-checkout')).toBe('partial_outage');
});

test('a component that the page does not have silences nothing', async () => {
  await teller({ components: new Map([['Checkout', 'comp-gone']]) }).publish();
  expect(fake.mails()).toHaveLength(1);
});

test.each([420, 429])('HTTP %d is "too fast": later, after the time it asks for', async (status) => {
  fake.answerOnce({ status, headers: { 'retry-after': '20' } });
  expect(await isDeliveryError(teller().publish())).toMatchObject({ kind: 'retryable', retryAfterMs: 20_000 });
});

test('a text longer than they take is cut, and still says when the next one comes', async () => {
  await teller().publish({ text: 'x'.repeat(30_000), nextUpdateAt: Date.parse('2024-07-15T13:30:00Z') });
  expect(fake.mails()[0]).toMatch(/…\n\nNext update by 15:30 CEST\.$/);
});

describeProvider(
  'statuspage',
  async () => {
    const vendor = await startFakeStatuspage({ pageId: PAGE, key: KEY });
    vendor.components.set('comp-checkout', 'operational');
    return {
      url: vendor.url,
      secrets: [KEY, PAGE],
      provider: (url) => {
        const page = atlassianStatuspage(setting(url));
        return (mayBeRepeat, signal) => page.publish(anEntry({ mayBeRepeat }), anIncidentContext({ refs: {} }), signal);
      },
      effects: () => vendor.mails().length,
      unexpected: () => vendor.unexpected,
      expireToken: () => vendor.expire(),
      close: () => vendor.close(),
    };
  },
  { act: (method) => method === 'POST' },
);

describeProvider(
  'statuspage, an update',
  async () => {
    const vendor = await startFakeStatuspage({ pageId: PAGE, key: KEY });
    vendor.components.set('comp-checkout', 'operational');
    const refs: Record<string, string> = {};
    const first = atlassianStatuspage(setting(vendor.url));
    await first.publish(anEntry(), anIncidentContext({ refs }), AbortSignal.timeout(5_000));
    return {
      url: vendor.url,
      secrets: [KEY, PAGE],
      provider: (url) => {
        const page = atlassianStatuspage(setting(url));
        return (mayBeRepeat, signal) =>
          page.publish(anEntry({ n: 2, text: 'More.', mayBeRepeat }), anIncidentContext({ refs }), signal);
      },
      effects: () => vendor.mails().length - 1,
      unexpected: () => vendor.unexpected,
      expireToken: () => vendor.expire(),
      close: () => vendor.close(),
    };
  },
  // An incident that is not there is made anew, so both: a PATCH answered 404 alone is told above.
  { act: (method) => method !== 'GET', readsAnswer: false },
);
