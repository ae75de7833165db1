/**
 * PagerDuty's Events API v2: triggers, acknowledges and resolves alarms. PagerDuty notifies by its own rules.
 * https://developer.pagerduty.com/docs/events-api-v2-overview
 */
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { DeliveryError } from '../../runtime/failures.ts';
import type { Contact, Page } from '../../activities/ports.ts';
import type { Severity } from '../../domain/kernel/severity.ts';
import { truncate } from '../../domain/kernel/text.ts';
import { targetLike, type Vendor } from '../vendor.ts';
import { baseUrl, mapOf, strict, text, token } from '../../runtime/setting-schemas.ts';
import { sendRequest, jsonOf, retryAfterOf } from '../shared/http.ts';
import { callText, incidentNameLines, isWebAddress, pageLinks } from '../shared/page-text.ts';

const VENDOR = 'pagerduty';

/** 120 calls a minute and key, counted over the last 60 s; calls beyond that are dropped. */
const LEAVE_ALONE_MS = 30_000;
const LEAVE_ALONE_AT_MOST_MS = 60_000;

const DEDUP_KEY_LENGTH = 255;
const SUMMARY_LENGTH = 1024;
/** The limit is 512 kB for the whole body. */
const EVENT_BYTES = 500_000;

const SEVERITY_THERE: Readonly<Record<Severity, string>> = {
  SEV1: 'critical',
  SEV2: 'error',
  SEV3: 'warning',
  SEV4: 'info',
};

const services = mapOf(
  text(100),
  strict({ routingKey: token }),
  'services, e.g. platform: { routingKey: "${PD_PLATFORM}" }',
);

const schema = strict({
  services,
  apiUrl: baseUrl.default('https://events.pagerduty.com'),
});

export const pagerduty = {
  settings: {
    at: 'pagerduty' as const,
    schema,
    example: 'pagerduty: { services: { platform: { routingKey: … } } }',
  },
  contacts: {
    pagerduty: {
      target: targetLike('the name of a service under pagerduty.services', /\S/),
      ringsPhone: true,
    },
  },
  connect: ({ services, apiUrl }) => ({
    contact: (name, method) => {
      const service = services.get(name);
      return service === undefined ? null : pagerdutyContact({ apiUrl, ...service }, method);
    },
  }),
} satisfies Vendor<z.output<typeof schema>>;

/** `routingKey` is a secret: it can trigger and resolve alarms. */
interface PagerdutyService {
  readonly apiUrl: string;
  readonly routingKey: string;
}

type Event = Readonly<Record<string, unknown>>;

/** A PagerDuty service as a way to page somebody: it rings, and takes no notifications. */
export function pagerdutyContact({ apiUrl, routingKey }: PagerdutyService, method: string): Contact {
  const url = `${apiUrl.replace(/\/+$/, '')}/v2/enqueue`;
  const enqueue = (event: Event, signal: AbortSignal) => post(url, { routing_key: routingKey, ...event }, signal);
  return {
    method,
    quiet: false,
    pagesOnly: true,
    send: async (page, signal) => {
      if (page.kind === 'notification') throw new DeliveryError(VENDOR, { code: 'takes no notices', kind: 'rejected' });
      await enqueue(fitting(triggerOf(page)), signal);
    },
    settle: (key, act, signal) => enqueue({ event_action: act, dedup_key: dedupKeyOf(key) }, signal),
  };
}

/**
 * The alarm to which a page belongs. Attempts for one person at one level are one alarm, which PagerDuty repeats by its
 * own rules; every cycle and level, and every page outside the escalation (level 0), is an alarm of its own that rings
 * again.
 */
export function dedupKeyOf(key: string): string {
  const alarm = key.replace(/^([^/]+\/page\/\d+\.[1-9]\d*)\.\d+(\/.+)$/, '$1$2');
  if (alarm.length <= DEDUP_KEY_LENGTH) return alarm;
  return `tocsin/${createHash('sha256').update(alarm).digest('hex')}`;
}

/** Only a 202 with JSON counts as accepted: a proxy's friendly page is no alarm, and a repeat is harmless. */
async function post(url: string, body: Event, signal: AbortSignal): Promise<void> {
  const answer = await sendRequest(VENDOR, { method: 'POST', url, body }, signal);
  if (answer.status === 202) {
    jsonOf(VENDOR, answer);
    return;
  }
  const retryAfterMs = retryAfterOf(answer) ?? (answer.status === 429 ? LEAVE_ALONE_MS : null);
  throw new DeliveryError(VENDOR, {
    status: answer.status,
    retryAfterMs: retryAfterMs === null ? null : Math.min(retryAfterMs, LEAVE_ALONE_AT_MOST_MS),
  });
}

function triggerOf(page: Page): Event {
  const { incident, kind, lateByMs } = page;
  const test = kind === 'test';
  const text = oneLine(page.text);
  const alertname = incident.alerts[0]?.labels['alertname'];
  return {
    event_action: 'trigger',
    dedup_key: dedupKeyOf(page.key),
    client: 'Tocsin',
    ...(isWebAddress(incident.url) ? { client_url: incident.url } : {}),
    links: pageLinks(page),
    payload: {
      summary: truncate(test && !text.startsWith('TEST') ? `TEST ${text}` : text, SUMMARY_LENGTH),
      source: oneLine(incident.service ?? incident.team) || 'tocsin',
      severity: test ? 'info' : SEVERITY_THERE[incident.severity],
      timestamp: new Date(Date.now() - lateByMs).toISOString(),
      ...(incident.service === null ? {} : { component: oneLine(incident.service) }),
      group: oneLine(incident.team),
      ...(alertname === undefined ? {} : { class: oneLine(alertname) }),
      custom_details: detailsOf(page),
    },
  };
}

const NAMES_SHOWN = 200;

function detailsOf(page: Page): Event {
  const { incident, acknowledgeUrl, why, to } = page;
  const { reference, title, summary, severity, phase, alertCount, runbook } = incident;
  return {
    incident: reference ?? 'not numbered yet',
    incident_url: incident.url,
    acknowledge_url: acknowledgeUrl,
    why,
    title,
    summary,
    severity,
    phase,
    ...(runbook === undefined ? {} : { runbook }),
    paged: `${to} (${callText(page)})`,
    alert_count: alertCount,
    alerts: incident.alerts.map(({ labels }) => labels),
    ...(page.incidents === undefined ? {} : { names: incidentNameLines(page, NAMES_SHOWN) }),
  };
}

/** PagerDuty refuses an alarm that is too long, so it is sent without its details. */
function fitting(event: Event): Event {
  if (Buffer.byteLength(JSON.stringify(event)) <= EVENT_BYTES) return event;
  const { custom_details: _, ...payload } = event['payload'] as Event;
  return { ...event, links: [], payload };
}

function oneLine(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim();
}
