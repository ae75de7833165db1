/** Every method of a page settles for itself: the activity against real receivers, called as Temporal calls it. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createPageActivities } from '../../activities/index.ts';
import type { Contact, Ports } from '../../activities/ports.ts';
import type { PageActivityInput, PageActivityResult, PageActivities } from '../../activities/types.ts';
import { pagedIncident } from '../../domain/escalation/page-requests.ts';
import type { PageRequest } from '../../domain/kernel/outbox.ts';
import { pagerdutyContact } from '../../providers/pagerduty/pagerduty.ts';
import { webhookContact } from '../../providers/webhook/webhook.ts';
import { startFakePagerduty, type FakePagerduty } from '../support/fake-pagerduty.ts';
import { createLedger, DEFAULT_ROSTER } from '../support/ledger.ts';
import { startPageSink, type PageSink } from '../support/page-sink.ts';
import { declaredIncident } from '../support/pure-incident.ts';
import { until } from '../support/until.ts';

let sink: PageSink;
let pagerduty: FakePagerduty;
let mails: string[];
let counted: string[];
let latencies: number[];
let activities: PageActivities;

beforeEach(async () => {
  [sink, pagerduty] = await Promise.all([startPageSink(['ana', 'bo']), startFakePagerduty(['KEY'])]);
  [mails, counted, latencies] = [[], [], []];
  activities = createPageActivities(portsFor({ ana: [webhook('ana'), mail], bo: [webhook('bo')], eve: [alarm()] }));
});
afterEach(async () => {
  expect([sink.unexpected, pagerduty.unexpected]).toEqual([[], []]);
  await Promise.all([sink.close(), pagerduty.close()]);
});

const webhook = (person: string): Contact => webhookContact(`${sink.url}/${person}`, 'webhook');
const alarm = (): Contact => pagerdutyContact({ apiUrl: pagerduty.url, routingKey: 'KEY' }, 'pagerduty');
const mail: Contact = { method: 'mail', quiet: true, send: async ({ key }) => void mails.push(key) };

function portsFor(people: Readonly<Record<string, readonly Contact[]>>): Ports {
  const { ports } = createLedger(DEFAULT_ROSTER, {});
  return {
    ...ports,
    directory: {
      ...ports.directory,
      resolve: (name) => ({ isKnown: true, people: [name] }),
      contacts: (person) => people[person] ?? [],
    },
    pageMetrics: {
      tried: (method, result, latencyMs) => {
        counted.push(`${method} ${result}`);
        if (latencyMs !== null) latencies.push(latencyMs);
      },
    },
  };
}

function aPage(over: Partial<PageRequest> = {}): PageActivityInput {
  const pageRequest: PageRequest = {
    ...{ n: 1, reason: 'on-call', cycle: 1, targets: [{ level: 1, attempt: 1, names: ['ana'] }], method: 'all' },
    ...{ except: [], dueAt: Date.now(), startsLevel: true, accepted: [] },
    ...over,
  };
  return {
    incident: pagedIncident(declaredIncident({ severity: 'SEV1' })),
    pageRequest,
    test: false,
    waitingSince: Date.now() - 250,
  };
}

type Info = ConstructorParameters<typeof MockActivityEnvironment>[0];
const environment = (info: Info) => new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR') });

interface Call {
  readonly answer: PageActivityResult;
  /** What each attempt that ended in a retry asked for, ms. */
  readonly delays: readonly number[];
}

/** Calls as Temporal does: again after the delay that the attempt asked for, with the details of its heartbeats. */
async function call(request: PageActivityInput, attempts = 20): Promise<Call> {
  const scheduledTimestampMs = Date.now();
  const delays: number[] = [];
  let details: unknown;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const times = { scheduledTimestampMs, currentAttemptScheduledTimestampMs: Date.now() };
    const env = environment({ ...times, attempt, heartbeatDetails: details });
    env.on('heartbeat', (last: unknown) => (details = last));
    try {
      const answer = await env.run<[], PageActivityResult, () => Promise<PageActivityResult>>(() =>
        activities.page(request),
      );
      return { answer, delays };
    } catch (err) {
      delays.push((err as { nextRetryDelay: number }).nextRetryDelay);
      await new Promise((resolve) => setTimeout(resolve, delays.at(-1)));
    }
  }
  throw new Error(`no answer after ${attempts} attempts`);
}

/** The request as the workflow makes it of the answer. */
function goOn({ pageRequest, ...input }: PageActivityInput, answer: PageActivityResult): PageActivityInput {
  const keysOf = (wanted: string) => answer.deliveries.filter(({ state }) => state === wanted).map(({ key }) => key);
  const { unsettled = [], calledAt = 0 } = answer;
  const accepted = [...pageRequest.accepted, ...keysOf('accepted')];
  const givenUp = [...(pageRequest.givenUp ?? []), ...keysOf('failed')];
  return { ...input, pageRequest: { ...pageRequest, accepted, givenUp, unsettled, triedSince: calledAt } };
}

const shown = ({ deliveries }: PageActivityResult): string[] =>
  deliveries.map(({ to, method, state, reason }) => `${to} ${method} ${state}${reason === null ? '' : ` ${reason}`}`);

const seconds = (from: number): number => (Date.now() - from) / 1000;

test('a webhook answers 503 once while the mail is taken: both are reported at once, and the webhook gets the same key again after a second', async () => {
  sink.answerNext('ana', 503);
  const request = aPage();
  const first = await call(request);
  expect(shown(first.answer)).toEqual(['ana webhook retrying webhook: HTTP 503', 'ana mail accepted']);
  expect(first.answer).toMatchObject({ mustRetry: true, timeUp: false });
  const second = await call(goOn(request, first.answer));
  expect(shown(second.answer)).toEqual(['ana webhook accepted']);
  expect(second.answer).toMatchObject({ mustRetry: false, unsettled: [] });
  const [before, after] = sink.tried;
  expect(after?.key).toBe(before?.key);
  expect((after?.at ?? 0) - (before?.at ?? 0)).toBeGreaterThanOrEqual(990);
  expect((after?.at ?? 0) - (before?.at ?? 0)).toBeLessThan(5_000);
  expect(mails).toHaveLength(1);
});

test('PagerDuty answers 500 once: the same alarm again, and it rings once', async () => {
  pagerduty.setFault({ kind: 'status', status: 500 });
  const request = aPage({ targets: [{ level: 0, attempt: 1, names: ['eve'] }], reason: 'leadership' });
  const { answer } = await call(request);
  expect(shown(answer)).toEqual(['eve pagerduty retrying pagerduty: HTTP 500']);
  pagerduty.setFault(null);
  expect(shown((await call(goOn(request, answer))).answer)).toEqual(['eve pagerduty accepted']);
  expect(pagerduty.rings).toBe(1);
});

test('Retry-After is heeded', async () => {
  sink.answerNext('bo', { status: 429, retryAfter: '3' });
  const request = aPage({ targets: [{ level: 1, attempt: 1, names: ['bo'] }] });
  const { answer } = await call(request);
  const { delays } = await call(goOn(request, answer));
  const [before, after] = sink.tried;
  expect((after?.at ?? 0) - (before?.at ?? 0)).toBeGreaterThanOrEqual(2_990);
  expect(delays[0]).toBeGreaterThan(2_500);
});

test('a provider that asks for more time than the level has: the answer says so at once', async () => {
  sink.answerNext('bo', { status: 503, retryAfter: '120' });
  const { answer } = await call(aPage({ targets: [{ level: 1, attempt: 1, names: ['bo'] }] }));
  expect(answer).toMatchObject({ timeUp: true, unsettled: [{ state: 'retrying', failures: 1 }] });
});

test.each([401, 403, 404, 410])('%i is tried once more, then the method is given up', async (status) => {
  sink.answerNext('bo', status, status);
  const request = aPage({ targets: [{ level: 1, attempt: 1, names: ['bo'] }] });
  const { answer } = await call(request);
  expect(shown(answer)).toEqual([`bo webhook retrying webhook: HTTP ${status}`]);
  const last = await call(goOn(request, answer));
  expect(shown(last.answer)).toEqual([`bo webhook failed webhook: HTTP ${status}`]);
  expect(last.answer.mustRetry).toBe(false);
  expect(sink.tried).toHaveLength(2);
  // Given up means that a later call of the same page leaves it alone.
  await call(goOn(goOn(request, answer), last.answer));
  expect(sink.tried).toHaveLength(2);
});

test('a message that is rejected is given up at once', async () => {
  sink.answerNext('bo', 422);
  const { answer } = await call(aPage({ targets: [{ level: 1, attempt: 1, names: ['bo'] }] }));
  expect([shown(answer), answer.mustRetry]).toEqual([['bo webhook failed webhook: HTTP 422'], false]);
});

test('a receiver never answers: what the others did is reported within seconds, and the next call waits for it without sending twice', async () => {
  sink.answerNext('ana', 'nothing');
  const request = aPage();
  const began = Date.now();
  const first = await call(request);
  expect(seconds(began)).toBeLessThan(3);
  expect(shown(first.answer)).toEqual(['ana webhook sending', 'ana mail accepted']);
  const second = await call(goOn(request, first.answer));
  expect(shown(second.answer)).toEqual(['ana webhook retrying webhook: no answer']);
  expect(seconds(began)).toBeLessThan(13);
  expect([sink.tried.length, mails.length]).toEqual([1, 1]);
});

test('a receiver never answers: the tries of another one go on meanwhile', async () => {
  sink.answerNext('ana', 'nothing');
  sink.answerNext('bo', 503, 503);
  const request = aPage({ targets: [{ level: 1, attempt: 1, names: ['ana', 'bo'] }] });
  const began = Date.now();
  const { answer } = await call(request);
  const next = await call(goOn(request, answer));
  expect(shown(next.answer)).toEqual(['bo webhook accepted']);
  expect(seconds(began)).toBeLessThan(8);
});

test('one after the other: the next method begins as soon as the first has failed, and both go on', async () => {
  sink.answerNext('ana', 503);
  const request = aPage({ method: 0 });
  const { answer } = await call(request);
  expect(shown(answer)).toEqual(['ana webhook retrying webhook: HTTP 503', 'ana mail accepted']);
  expect(shown((await call(goOn(request, answer))).answer)).toEqual(['ana webhook accepted']);
});

test('one after the other: a first method that is silent for five seconds gets company', async () => {
  sink.answerNext('ana', 'nothing');
  const began = Date.now();
  const { answer } = await call(aPage({ method: 0 }));
  expect(shown(answer)).toContain('ana mail accepted');
  expect(seconds(began)).toBeGreaterThan(4.5);
  expect(seconds(began)).toBeLessThan(9);
});

test('the page is cancelled while a provider is being waited for: the request is aborted', async () => {
  sink.answerNext('bo', 'nothing');
  const now = Date.now();
  const env = environment({ scheduledTimestampMs: now, currentAttemptScheduledTimestampMs: now });
  const request = aPage({ targets: [{ level: 1, attempt: 1, names: ['bo'] }] });
  const running = env.run<[], PageActivityResult, () => Promise<PageActivityResult>>(() => activities.page(request));
  await until(async () => sink.tried.length === 1, 5_000);
  env.cancel();
  await expect(running).rejects.toThrow('nobody wants this page any more');
  expect(seconds(now)).toBeLessThan(3);
});

test('a worker dies after a method was accepted: the next attempt does not send that key again', async () => {
  sink.answerNext('ana', 'nothing');
  const now = Date.now();
  const times = { scheduledTimestampMs: now, currentAttemptScheduledTimestampMs: now };
  const env = environment(times);
  const request = aPage();
  let details: unknown;
  env.on('heartbeat', (last: unknown) => (details = last));
  const running = env.run<[], PageActivityResult, () => Promise<PageActivityResult>>(() => activities.page(request));
  await until(async () => JSON.stringify(details ?? null).includes('accepted'), 5_000);
  const other = createPageActivities(portsFor({ ana: [webhook('ana'), mail] }));
  const retry = environment({ ...times, attempt: 2, heartbeatDetails: details });
  const answer = await retry.run<[], PageActivityResult, () => Promise<PageActivityResult>>(() => other.page(request));
  expect(shown(answer)).toEqual(['ana webhook accepted', 'ana mail accepted']);
  expect(mails).toHaveLength(1);
  await running;
});

test('a person who is no longer to be paged: what was being tried is given up, with the last reason', async () => {
  sink.answerNext('bo', 503);
  const request = aPage({ targets: [{ level: 0, attempt: 1, names: ['bo'] }], reason: 'by-hand' });
  const { answer } = await call(request);
  const { pageRequest, ...rest } = goOn(request, answer);
  const last = await call({ ...rest, pageRequest: { ...pageRequest, except: ['bo'] } });
  expect(shown(last.answer)).toEqual(['bo webhook failed webhook: HTTP 503; no longer needed']);
  expect(sink.tried).toHaveLength(1);
});

test('once somebody was reached, a later call goes on with what was begun and pages nobody else', async () => {
  sink.answerNext('ana', 503);
  const request = aPage();
  const { answer } = await call(request);
  const { pageRequest, ...rest } = goOn(request, answer);
  await call({ ...rest, pageRequest: { ...pageRequest, targets: [{ level: 1, attempt: 1, names: ['ana', 'bo'] }] } });
  expect(sink.tried.map(({ person }) => person)).toEqual(['ana', 'ana']);
});

test('every try is counted by method, and an accepted page with the time since the alert', async () => {
  sink.answerNext('bo', 503, 422);
  const request = aPage({ targets: [{ level: 1, attempt: 1, names: ['ana', 'bo'] }] });
  const { answer } = await call(request);
  await call(goOn(request, answer));
  expect(counted.sort()).toEqual(['mail accepted', 'webhook accepted', 'webhook failed', 'webhook retrying']);
  expect(latencies).toHaveLength(2);
  expect(Math.min(...latencies)).toBeGreaterThanOrEqual(250);
  counted = [];
  await call({ ...aPage(), test: true });
  expect(counted).toEqual([]);
});
