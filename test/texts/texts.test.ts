/**
 * Plays the lives of three incidents before real vendors' servers and writes every text that arrived to
 * docs/texts.md, so that a change of the copy shows as a diff: `npm run texts`.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Page } from '../../activities/ports.ts';
import { alertmanagerBody } from '../support/system-test-config.ts';
import { startFakeVendors, type FakeVendorAddresses, type FakeVendors } from '../support/fake-vendors.ts';
import { createWorld, type World } from '../support/scenario.ts';
import {
  runServerScenario,
  SCENARIO_ADMIN_TOKEN,
  SCENARIO_SENDER_TOKEN,
  type ServerScenarioDriver,
} from '../support/server-scenario.ts';
import { ReceivedTexts } from './received-texts.ts';
import { renderTexts, type DatedText } from './render-texts.ts';

const MINUTE = 60_000;
const WEEK = 7 * 24 * 60 * MINUTE;
/** 6 January 1970 was a Tuesday. */
const TUESDAY_14_00 = (5 * 24 + 14) * 60 * MINUTE;

let world: World;
let vendors: FakeVendors;
let received: ReceivedTexts;
beforeAll(async () => {
  [world, vendors] = await Promise.all([
    createWorld(),
    startFakeVendors({ people: ['ana', 'bo', 'dan', 'lea'], yaml }),
  ]);
  received = new ReceivedTexts(vendors);
});
afterAll(async () => {
  jest.restoreAllMocks();
  await Promise.all([world.close(), vendors.close()]);
});

const yaml = ({ sink }: FakeVendorAddresses): string => `
organization: { name: Example Shop, releasesChannel: releases }
publicUrl: https://tocsin.example
people:
  ana: { name: Ana Ruiz, contact: [{ webhook: "${sink}/ana" }, { pagerduty: platform }] }
  bo: { name: Bo Lind, contact: [{ webhook: "${sink}/bo" }, { slack: U0B00001 }] }
  cleo: { name: Cleo Park, contact: [{ email: cleo@shop.example }] }
  dan: { name: Dan Wirth, contact: [{ webhook: "${sink}/dan" }] }
  eve: { name: Eve Hahn, role: head-of-engineering, contact: [{ email: eve@shop.example }] }
  lea: { name: Lea Roth, contact: [{ webhook: "${sink}/lea" }] }
teams:
  platform: { onCall: ana, escalation: [onCall, bo], leadership: [lea], channel: platform }
services:
  payments: { team: platform, component: Checkout, runbook: "https://runbooks.example/payments" }
  search: { team: platform }
sources:
  alertmanager: { token: ${SCENARIO_SENDER_TOKEN} }
routes:
  - { match: { service: payments }, team: platform, severity: { critical: SEV1 } }
  - team: platform
stakeholders:
  - { name: support, contact: { email: support@shop.example } }
  - { name: customers, contact: { email: customers@shop.example }, audience: external }
`;

interface Answer {
  readonly text?: string;
  /** Of a refusal. */
  readonly detail?: string;
}

class Story {
  readonly texts: DatedText[] = [];
  private incident = '';
  private firingSince = '';

  private readonly driver: ServerScenarioDriver;
  private readonly startsAt: number;

  constructor(driver: ServerScenarioDriver, startsAt: number) {
    this.driver = driver;
    this.startsAt = startsAt;
  }

  /** Lets time pass until so many minutes after the beginning, looking at the vendors every `step` minutes. */
  async until(minute: number, step = 1): Promise<void> {
    for (;;) {
      const left = this.startsAt + minute * MINUTE - (await alignClock());
      if (left <= 0) return;
      await this.driver.advanceMinutes(Math.min(left, step * MINUTE) / MINUTE);
      await this.collect();
    }
  }

  /** A command of a person; what was asked and answered is among the texts. */
  async say(by: string, command: string, body: object = {}): Promise<void> {
    const at = await alignClock();
    const path = `/api/v1/incidents/${this.incident}/${command}`;
    const { json } = await this.driver.post(path, { by, ...body }, SCENARIO_ADMIN_TOKEN);
    const { text, detail } = json as Answer;
    this.texts.push({
      at,
      where: `${by}: ${command} ${JSON.stringify(body)}`,
      text: text ?? detail ?? '',
      isAnswer: true,
    });
    await this.collect();
  }

  async alert(name: string, status: 'firing' | 'resolved', labels: object): Promise<void> {
    const at = await alignClock();
    const now = new Date(at).toISOString();
    if (status === 'firing') this.firingSince = now;
    const ends = status === 'firing' ? {} : { endsAt: now };
    const annotations = { summary: `${name} for two minutes`, description: 'The primary answers no connections.' };
    const alert = { status, startsAt: this.firingSince, labels: { alertname: name, ...labels }, annotations, ...ends };
    const body = { ...alertmanagerBody(name, alert), status };
    const { json } = await this.driver.post('/webhooks/alertmanager', body, SCENARIO_SENDER_TOKEN);
    this.incident = (json['incidents'] as { workflowId: string }[])[0]?.workflowId ?? this.incident;
    this.texts.push({ at, where: `Alertmanager: ${name} ${status}`, text: '', isAnswer: true });
    await this.collect();
  }

  /** The link of the newest page that this person got. */
  async pressLink(person: string): Promise<void> {
    const page = vendors.sink.received.findLast((one) => one.person === person)?.page as Page;
    const at = await alignClock();
    const link = this.driver.url + new URL(page.acknowledgeUrl ?? '').pathname;
    const answer = await fetch(link, { method: 'POST', headers: { accept: 'application/json' } });
    const { text, detail } = (await answer.json()) as Answer;
    await this.driver.settle();
    this.texts.push({ at, where: `${person}: presses the link`, text: text ?? detail ?? '', isAnswer: true });
    await this.collect();
  }

  private async collect(): Promise<void> {
    const at = await alignClock();
    this.texts.push(...received.next().map((text) => ({ at, ...text })));
  }
}

/** The server's clock follows the skipped time: else what arrives now would be older than what has happened. */
async function alignClock(): Promise<number> {
  const now = await world.env.currentTimeMs();
  const skew = now - performance.now();
  jest.spyOn(Date, 'now').mockImplementation(() => Math.round(performance.now() + skew));
  return now;
}

/** Plays it from a Tuesday, 14:00. */
async function play(act: (story: Story) => Promise<void>): Promise<readonly DatedText[]> {
  const settings = { yaml: vendors.yaml, vendors };
  let texts: readonly DatedText[] = [];
  await runServerScenario(world, settings, async (driver) => {
    const now = await alignClock();
    const startsAt = now + WEEK - ((now - TUESDAY_14_00) % WEEK);
    const story = new Story(driver, startsAt);
    await story.until(0, (startsAt - now) / MINUTE);
    await act(story);
    texts = story.texts;
  });
  return texts;
}

const DATABASE = { severity: 'critical', service: 'payments' };
const SEARCH = { severity: 'critical', service: 'search' };

async function sev1(story: Story): Promise<void> {
  await story.alert('PostgresqlDown', 'firing', DATABASE);
  await story.until(6);
  await story.pressLink('ana');
  await story.until(7);
  await story.pressLink('bo');
  await story.say('ana', 'assess-impact', { summary: 'Nobody can pay', scope: 'all', dataLoss: false });
  await story.until(9);
  await story.say('ana', 'assign-role', { role: 'technicalLead', person: 'bo' });
  await story.say('ana', 'assign-role', { role: 'communicationsLead', person: 'cleo' });
  await story.until(11);
  const hypothesis = { cause: 'the 13:50 deploy', actions: 'reading the logs', nextSteps: 'roll back', eta: '14:40' };
  await story.say('bo', 'post-update', {
    audience: 'internal',
    text: 'The primary refuses connections.',
    ...hypothesis,
  });
  await story.until(12);
  await story.say('cleo', 'post-update', {
    audience: 'public',
    text: 'Payments fail at the moment. We are working on it.',
  });
  await story.until(30);
  await story.say('ana', 'decide-mitigation', { decision: 'rollback', reason: 'it began with the 13:50 deploy' });
  await story.until(34);
  await story.say('bo', 'report-mitigation', { outcome: 'failed', text: 'the image is missing' });
  await story.say('ana', 'escalate', { to: 'dan', reason: 'we need somebody who knows the replica' });
  await story.until(52);
  const ticks = ['minor', 'understood', 'faster'];
  await story.say('ana', 'decide-mitigation', { decision: 'fix-forward', ticks, reason: 'one wrong setting' });
  await story.until(56);
  await story.say('bo', 'report-mitigation', { outcome: 'worked' });
  await story.alert('PostgresqlDown', 'resolved', DATABASE);
  await story.until(70);
  await story.alert('PostgresqlDown', 'firing', DATABASE);
  await story.until(74);
  await story.alert('PostgresqlDown', 'resolved', DATABASE);
  await story.say('ana', 'resolve', { resolution: 'raised max_connections on the primary' });
  await story.until(140, 5);
  await story.say('ana', 'add-action-item', { text: 'Alert on free connections', owner: 'bo', due: '2030-01-01' });
  await story.until(180, 20);
  await story.until(60 * 72, 60);
  await story.say('ana', 'complete-postmortem', {});
  await story.say('bo', 'complete-action-item', { item: 'A1' });
  await story.until(60 * 73, 60);
}

async function worse(story: Story): Promise<void> {
  await story.alert('RedisSlow', 'firing', { ...SEARCH, severity: 'warning' });
  await story.until(2);
  await story.alert('RedisSlow', 'firing', SEARCH);
  await story.until(4);
  await story.say('ana', 'decline');
  await story.until(6);
  await story.pressLink('bo');
  await story.alert('RedisSlow', 'resolved', SEARCH);
  await story.until(8);
  await story.say('bo', 'resolve', { resolution: 'restarted Redis' });
  await story.until(45, 5);
}

async function falseAlarm(story: Story): Promise<void> {
  await story.alert('ElasticsearchDown', 'firing', SEARCH);
  await story.until(3);
  await story.pressLink('ana');
  await story.say('ana', 'declare-false-alarm', { reason: 'the probe was broken' });
  await story.until(10);
}

test('every text of a SEV1, of a SEV3 that gets worse, and of a false alarm', async () => {
  const chapters = [
    { title: 'A SEV1, from the alert to the post-mortem', texts: await play(sev1) },
    { title: 'A SEV3 that gets worse, and is declined', texts: await play(worse) },
    { title: 'A false alarm', texts: await play(falseAlarm) },
  ];
  expect(vendors.unexpected()).toEqual([]);
  writeFileSync(join(import.meta.dirname, '../../docs/texts.md'), renderTexts(chapters));
});
