/** The PagerDuty contact against a server made from the Events API's documentation. */
import type { Page } from '../../../activities/ports.ts';
import type { DeliveryError } from '../../../runtime/failures.ts';
import { dedupKeyOf, pagerdutyContact } from '../../../providers/pagerduty/pagerduty.ts';
import { startFakePagerduty } from '../../support/fake-pagerduty.ts';
import type { FakePagerduty } from '../../support/fake-pagerduty.ts';
import { describeProvider } from '../provider-contract.ts';
import { aPage, INCIDENT_ID, INCIDENT } from '../provider-fixtures.ts';

const ROUTING_KEY = 'R0UT1NGKEYOFPLATFORM0123456789AB';

describeProvider(
  'pagerduty',
  async () => {
    const fake = await startFakePagerduty([ROUTING_KEY]);
    return {
      url: fake.url,
      secrets: [ROUTING_KEY],
      provider: (url) => {
        const contact = pagerdutyContact({ apiUrl: url, routingKey: ROUTING_KEY }, 'pagerduty');
        return (_again, signal) => contact.send(aPage(), signal);
      },
      effects: () => fake.rings,
      unexpected: () => fake.unexpected,
      close: () => fake.close(),
    };
  },
  { token: false, unaskedWaitMs: 30_000 },
);

describeProvider(
  'pagerduty, told that an alarm is answered,',
  async () => {
    const fake = await startFakePagerduty([ROUTING_KEY]);
    await contactOf(fake).send(aPage(), AbortSignal.timeout(5_000));
    return {
      url: fake.url,
      secrets: [ROUTING_KEY],
      provider: (url) => {
        const contact = pagerdutyContact({ apiUrl: url, routingKey: ROUTING_KEY }, 'pagerduty');
        return async (_again, signal) => contact.settle?.(aPage().key, 'acknowledge', signal);
      },
      effects: () => fake.alarms.filter(({ state }) => state === 'acknowledged').length,
      unexpected: () => fake.unexpected,
      close: () => fake.close(),
    };
  },
  { token: false, unaskedWaitMs: 30_000 },
);

describe('an alarm', () => {
  let fake: FakePagerduty;
  beforeEach(async () => {
    fake = await startFakePagerduty([ROUTING_KEY]);
  });
  afterEach(() => fake.close());

  const send = (page: Page) => contactOf(fake).send(page, AbortSignal.timeout(5_000));
  const settle = (key: string, act: 'acknowledge' | 'resolve') =>
    contactOf(fake).settle?.(key, act, AbortSignal.timeout(5_000));
  const keyed = (cycle: number, level: number, attempt: number, person = 'ana') =>
    aPage({ key: `${INCIDENT_ID}/page/${cycle}.${level}.${attempt}/${person}.pagerduty`, cycle, level, attempt });

  test('rings, takes pages only, and says all there is to know', async () => {
    const alerts = [
      {
        labels: { alertname: 'PaymentsDown', instance: 'web-1' },
        links: {
          dashboard: 'https://grafana.example/d/1',
          runbook: 'javascript:alert(1)',
          silence: 'https://s.example',
        },
      },
    ];
    const runbook = 'https://wiki.example/payments';
    const why = 'Bo Lind asks for you: help';
    await send(aPage({ why, incident: { ...INCIDENT, alerts, alertCount: 7, runbook }, lateByMs: 3_600_000 }));
    const [alarm] = fake.alarms;
    expect(contactOf(fake)).toMatchObject({ method: 'pagerduty', quiet: false, pagesOnly: true });
    expect(alarm?.payload).toMatchObject({
      summary: 'SEV1 Payment processing down',
      source: 'payments',
      severity: 'critical',
      component: 'payments',
      group: 'platform',
      class: 'PaymentsDown',
      custom_details: {
        incident: 'INC-2024-003',
        incident_url: INCIDENT.url,
        acknowledge_url: 'https://tocsin.example/ack/token-for-ana',
        why,
        runbook,
        paged: 'ana (on-call, level 1, cycle 1)',
        alert_count: 7,
        alerts: [{ alertname: 'PaymentsDown', instance: 'web-1' }],
      },
    });
    expect(Date.now() - Date.parse(alarm?.payload.timestamp ?? '')).toBeGreaterThan(3_590_000);
    expect(alarm?.event).toMatchObject({
      client: 'Tocsin',
      client_url: INCIDENT.url,
      links: [
        { href: INCIDENT.url, text: 'Incident' },
        { href: runbook, text: 'Runbook' },
        { href: 'https://grafana.example/d/1', text: 'Dashboard' },
      ],
    });
    expect(fake.unexpected).toEqual([]);
  });

  test.each([
    ['SEV1', 'critical'],
    ['SEV2', 'error'],
    ['SEV3', 'warning'],
    ['SEV4', 'info'],
  ] as const)('of a %s is %s there', async (severity, there) => {
    await send(aPage({ incident: { ...INCIDENT, severity } }));
    expect(fake.alarms[0]?.payload.severity).toBe(there);
  });

  test('for a test says TEST and is info, whatever the severity', async () => {
    await send(aPage({ kind: 'test', text: 'SEV1 Payment processing down' }));
    expect(fake.alarms[0]?.payload).toMatchObject({ severity: 'info', summary: 'TEST SEV1 Payment processing down' });
    await send(aPage({ ...keyed(1, 0, 1), kind: 'test', text: 'TEST SEV1 x' }));
    expect(fake.alarms[1]?.payload.summary).toBe('TEST SEV1 x');
  });

  test('[PAGE-31] steps of one set of notification rules are one alarm, which rings once', async () => {
    await send(keyed(1, 1, 1));
    await send(keyed(1, 1, 1));
    await send(keyed(1, 1, 2));
    expect([fake.rings, fake.alarms[0]?.log]).toEqual([1, ['trigger', 'trigger', 'trigger']]);
  });

  test('every person, level and cycle, and every page beside the chain, rings anew', async () => {
    const pages = [
      keyed(1, 1, 1),
      keyed(1, 1, 1, 'bo'),
      keyed(1, 2, 1),
      keyed(2, 1, 1),
      keyed(1, 0, 1),
      keyed(1, 0, 2),
    ];
    for (const page of pages) await send(page);
    expect(fake.rings).toBe(pages.length);
  });

  test('ends as it is said, by the key of any of its pages, and rings anew when it is raised again', async () => {
    await send(keyed(1, 1, 1));
    await settle(keyed(1, 1, 2).key, 'acknowledge');
    expect(fake.alarms[0]?.state).toBe('acknowledged');
    await send(keyed(1, 1, 3));
    expect(fake.rings).toBe(1);
    await settle(keyed(1, 1, 1).key, 'resolve');
    await settle(keyed(1, 1, 1).key, 'resolve');
    expect(fake.alarms[0]?.state).toBe('resolved');
    await send(keyed(1, 1, 4));
    expect(fake.rings).toBe(2);
    expect(fake.unexpected).toEqual([]);
  });

  test('takes no notices: the person hears them by another method', async () => {
    await expect(send(aPage({ kind: 'notification' }))).rejects.toMatchObject({ kind: 'rejected' });
    expect(fake.rings).toBe(0);
  });

  test('is taken whatever its texts hold: too long, broken in the middle of a character, line breaks, no text', async () => {
    const labels = Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`label_${n}`, '🚨🚨🚨']));
    const incident = { ...INCIDENT, reference: null, service: null, team: 'platform', alerts: [{ labels, links: {} }] };
    await send(aPage({ text: `SEV1 ${'x'.repeat(1017)}🚨🚨\r\nHost: evil`, incident }));
    await send(aPage({ ...keyed(1, 2, 1), text: 'a\r\nb\u0000\uD83D', incident: { ...incident, alerts: [] } }));
    expect(fake.unexpected).toEqual([]);
    const summaries = fake.alarms.map(({ payload }) => payload.summary);
    expect(summaries[0]).toMatch(/^SEV1 x+.*…$/);
    expect(summaries[1]).toBe('a b \uFFFD');
    expect(fake.alarms[0]?.payload).not.toHaveProperty('custom_details');
  });

  test('under another routing key is refused, and the key is in no error', async () => {
    const wrong = pagerdutyContact({ apiUrl: `${fake.url}/`, routingKey: 'R0UT1NGKEYOFSOMEBODYELSE' }, 'pagerduty');
    const failed = await wrong.send(aPage(), AbortSignal.timeout(5_000)).catch((err: unknown) => err as DeliveryError);
    expect(failed).toMatchObject({ kind: 'rejected', status: 400, message: 'pagerduty: HTTP 400' });
    expect(fake.unexpected).toEqual(['no service has this routing key']);
  });

  test.each([
    [undefined, 30_000],
    [5, 5_000],
    [86_400, 60_000],
  ])('too many calls, and asked to wait %s s: later, in %s ms', async (retryAfter, wait) => {
    fake.setFault({ kind: 'busy', ...(retryAfter === undefined ? {} : { retryAfter }) });
    await expect(send(aPage())).rejects.toMatchObject({ kind: 'retryable', status: 429, retryAfterMs: wait });
  });

  test('a web page is no acceptance, though it says 202; nor is an answer nobody gives', async () => {
    fake.setFault({ kind: 'malformed' });
    await expect(send(aPage())).rejects.toMatchObject({ kind: 'retryable' });
    fake.setFault({ kind: 'hang' });
    await expect(contactOf(fake).send(aPage(), AbortSignal.timeout(200))).rejects.toMatchObject({
      kind: 'retryable',
    });
    expect(fake.rings).toBe(0);
    fake.setFault({ kind: 'accept-then-reset' });
    await expect(send(aPage())).rejects.toMatchObject({ kind: 'retryable' });
    fake.setFault({ kind: 'slow', ms: 100 });
    await send(aPage());
    expect(fake.rings).toBe(1);
  });
});

describe('the key of an alarm', () => {
  test.each([
    ['e1/page/1.1.3/ana.pagerduty', 'e1/page/1.1/ana.pagerduty'],
    ['e1/page/12.10.1/ana.pagerduty-2', 'e1/page/12.10/ana.pagerduty-2'],
    ['e1/page/1.0.3/ana.pagerduty', 'e1/page/1.0.3/ana.pagerduty'],
    ['something else', 'something else'],
  ])('%s → %s', (key, alarm) => {
    expect(dedupKeyOf(key)).toBe(alarm);
  });

  test('is never longer than PagerDuty takes, and stays one for each alarm', () => {
    const long = (attempt: number, person: string) =>
      dedupKeyOf(`e1/page/1.1.${attempt}/${person.repeat(300)}.pagerduty`);
    expect(long(1, 'a').length).toBeLessThanOrEqual(255);
    expect(long(1, 'a')).toBe(long(2, 'a'));
    expect(long(1, 'a')).not.toBe(long(1, 'b'));
  });
});

function contactOf({ url }: FakePagerduty) {
  return pagerdutyContact({ apiUrl: url, routingKey: ROUTING_KEY }, 'pagerduty');
}
