/** The load: senders that insist like Alertmanager, and people who command whatever is open. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SYSTEM_TEST_SECRETS } from '../support/system-test-config.ts';
import type { Journal, SentAlert } from './journal.ts';
import type { Random } from './seeded-random.ts';

export interface LoadParts {
  readonly urls: readonly string[];
  readonly journal: Journal;
  /** `performance.now()` at which nothing new is begun. */
  readonly endsAt: number;
}

const SEVERITIES = ['sev1', 'high', 'high', 'warning'] as const;
const TEAMS = ['red', 'green', 'blue'] as const;
const RETRY_FOR_MS = 60_000;
const PAUSE_MS = [150, 900] as const;

/** One connection's worth of trouble, until the end of the load. Its requests follow from `random` alone. */
export async function runSender(name: string, random: Random, parts: LoadParts): Promise<void> {
  const firing: SentAlert[] = [];
  for (let n = 0; performance.now() < parts.endsAt; n += 1) {
    const dice = random.next();
    if (firing.length === 0 || dice < 0.12) firing.push(await fireNewAlert(`${name}-${n}`, random, parts));
    else if (dice < 0.2) await joinGroup(random.pick(firing), `${name}-${n}`, firing, { random, parts });
    else if (dice < 0.45) await deliverUntilAccepted([random.pick(firing)], { random, parts });
    else if (dice < 0.55) await resolveOne(firing, { random, parts });
    else await command(`${name}-${n}`, random, parts);
    await sleep(PAUSE_MS[0] + random.below(PAUSE_MS[1] - PAUSE_MS[0]));
  }
}

interface SenderContext {
  readonly random: Random;
  readonly parts: LoadParts;
}

async function fireNewAlert(group: string, random: Random, parts: LoadParts): Promise<SentAlert> {
  const severity = random.pick(SEVERITIES);
  const alert = { group, severity, fingerprint: `fp-${group}`, startsAt: Date.now(), status: 'firing' } as const;
  await deliverUntilAccepted([alert], { random, parts });
  return alert;
}

async function joinGroup(member: SentAlert, name: string, firing: SentAlert[], context: SenderContext): Promise<void> {
  const alert = { ...member, fingerprint: `fp-${name}`, startsAt: Date.now() };
  firing.push(alert);
  await deliverUntilAccepted([member, alert], context);
}

async function resolveOne(firing: SentAlert[], context: SenderContext): Promise<void> {
  const [alert] = firing.splice(context.random.below(firing.length), 1);
  if (alert) await deliverUntilAccepted([{ ...alert, status: 'resolved' }], context);
}

/** Until one of the servers takes it, or a minute has passed: then nothing was promised. */
async function deliverUntilAccepted(alerts: readonly SentAlert[], { random, parts }: SenderContext): Promise<void> {
  const { urls, journal } = parts;
  const giveUpAt = performance.now() + RETRY_FOR_MS;
  for (let turn = random.below(urls.length); performance.now() < giveUpAt; turn += 1) {
    const url = `${urls[turn % urls.length] ?? ''}/webhooks/alertmanager`;
    const { status, body } = await post(url, SYSTEM_TEST_SECRETS.AM_TOKEN, webhook(alerts));
    journal.answers.set(status, (journal.answers.get(status) ?? 0) + 1);
    if (status === 202) {
      const workflowIds = (body as { incidents: { workflowId: string }[] }).incidents.map((one) => one.workflowId);
      for (const alert of alerts) journal.accepted.push({ ...alert, at: Date.now(), workflowIds });
      return;
    }
    await sleep(300);
  }
}

function webhook(alerts: readonly SentAlert[]): unknown {
  const [{ group } = { group: '' }] = alerts;
  const team = TEAMS[group.length % TEAMS.length];
  return {
    version: '4',
    groupKey: `{}:{alertname="${group}"}`,
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'tocsin',
    groupLabels: { alertname: group },
    commonLabels: {},
    commonAnnotations: {},
    externalURL: 'http://127.0.0.1:9093',
    alerts: alerts.map(({ status, severity, fingerprint, startsAt }) => ({
      status,
      labels: { alertname: group, team, severity, instance: fingerprint },
      annotations: { summary: `${group} is in trouble` },
      startsAt: new Date(startsAt).toISOString(),
      endsAt: status === 'resolved' ? new Date().toISOString() : '0001-01-01T00:00:00Z',
      generatorURL: 'http://127.0.0.1/graph',
      fingerprint,
    })),
  };
}

/** What people say, and how often. */
const SENDER_COMMANDS = [
  'acknowledge',
  'acknowledge',
  'acknowledge',
  'add-note',
  'add-note',
  'decline',
  'resolve',
  'escalate',
];
const ARGUMENTS: Readonly<Record<string, object>> = {
  resolve: { resolution: 'mended' },
  escalate: { to: 'eve', reason: 'needs her' },
};

/** Once, and never again: what became of it without an answer is anybody's guess. */
async function command(name: string, random: Random, { urls, journal }: LoadParts): Promise<void> {
  const known = journal.accepted.filter(({ workflowIds }) => workflowIds.length > 0);
  if (known.length === 0) return;
  const workflowId = random.pick(random.pick(known).workflowIds);
  const chosen = random.pick(SENDER_COMMANDS);
  const text = chosen === 'add-note' ? `note ${name}` : null;
  const url = `${random.pick(urls)}/api/v1/incidents/${workflowId}/${chosen}`;
  const args = { by: random.pick(['ana', 'bo']), ...ARGUMENTS[chosen], ...(text === null ? {} : { text }) };
  const { status, body } = await post(url, SYSTEM_TEST_SECRETS.TOCSIN_ADMIN_TOKEN, args, name);
  const answer = body as { text?: unknown; pending?: unknown; detail?: unknown } | null;
  const isExplained = [answer?.text, answer?.pending, answer?.detail].some(Boolean);
  journal.commands.push({ at: Date.now(), workflowId, command: chosen, text, status, isExplained });
}

async function post(
  url: string,
  token: string,
  body: unknown,
  requestId?: string,
): Promise<{ status: number; body: unknown }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        ...(requestId === undefined ? {} : { 'idempotency-key': requestId }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(15_000),
    });
    return { status: response.status, body: await response.json().catch(() => null) };
  } catch {
    return { status: 0, body: null };
  }
}
