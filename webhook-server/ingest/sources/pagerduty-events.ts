/**
 * Receives PagerDuty's Events API v2, so that PagerDuty's clients can talk to Tocsin. One event a body; its dedup key
 * is one alert and one incident. https://developer.pagerduty.com/docs/events-api-v2-overview
 */
import type { RoutingKey } from '../../../config/sections/sources.ts';
import type { Problem } from '../../../domain/kernel/commands.ts';
import { sanitizeText, cleanSet, scalarText, type Labels } from './sanitize.ts';
import { shortHash } from './fingerprint.ts';
import { NO_TITLE, SUMMARY_LIMIT, TITLE_LIMIT, type SourceMessage, type RawAlert } from './message.ts';
import { alertLinks, alertSpan, descriptionOf, titleLine, webLink } from './alert-fields.ts';

const ACTIONS = ['trigger', 'acknowledge', 'resolve'] as const;
export type EventAction = (typeof ACTIONS)[number];

export interface PagerdutyEvent {
  readonly action: EventAction;
  /** As sent, or made here for a trigger without one. */
  readonly dedupKey: string;
  /** The event's alert; for an acknowledgement, used only to find its incident. */
  readonly message: SourceMessage;
}

export interface EventContext {
  readonly receivedAt: number;
  /** Its name becomes the label `integration`; a dedup key is unique only within it. */
  readonly key: RoutingKey | null;
}

/** Two senders with different keys may use the same dedup key: they are two alerts. */
const scopeOf = (key: RoutingKey | null): string => (key === null ? '' : (key.name ?? shortHash(key.key)));

type Sent = Readonly<Record<string, unknown>>;

/** Strict on the action and the dedup key, which are indispensable; a trigger with odd content still pages. */
export function parsePagerdutyEvent(
  body: unknown,
  context: EventContext,
): PagerdutyEvent | { problems: readonly Problem[] } {
  const sent = asObject(body);
  const givenAction = scalarText(sent['event_action'])?.trim().toLowerCase();
  const action = ACTIONS.find((known) => known === givenAction);
  if (action === undefined) return { problems: [{ at: 'event_action', message: `expected ${ACTIONS.join(', ')}` }] };
  const given = scalarText(sent['dedup_key'])?.trim() ?? '';
  if (given === '' && action !== 'trigger') {
    return { problems: [{ at: 'dedup_key', message: `required: which alert to ${action}` }] };
  }
  const dedupKey = given === '' ? generatedDedupKey(sent, context) : given;
  return { action, dedupKey, message: toMessage(sent, { ...context, action, dedupKey }) };
}

/** An event without a key, sent again within this time, is the same alert: its sender missed our response. */
const SAME_WITHIN_MS = 60_000;

function generatedDedupKey(sent: Sent, { receivedAt, key }: EventContext): string {
  const { routing_key: _secret, ...rest } = sent;
  return `tocsin-${shortHash([scopeOf(key), JSON.stringify(rest), Math.floor(receivedAt / SAME_WITHIN_MS)])}`;
}

interface IdentifiedEvent extends EventContext {
  readonly action: EventAction;
  readonly dedupKey: string;
}

function toMessage(sent: Sent, { action, dedupKey, receivedAt, key }: IdentifiedEvent): SourceMessage {
  const scope = scopeOf(key);
  const payload = asObject(sent['payload']);
  const status = action === 'trigger' ? 'firing' : 'resolved';
  const annotations = annotationsOf(sent, payload);
  const eventSummary = scalarText(payload['summary']) ?? '';
  const alert: RawAlert = {
    fingerprint: shortHash(['pagerduty-events', scope, dedupKey]),
    status,
    ...alertSpan({ status, receivedAt }, { startsAt: status === 'firing' ? payload['timestamp'] : undefined }),
    labels: labelsOf(payload, key?.name ?? null),
    annotations,
    links: linksOf(sent),
    title: titleLine(eventSummary) ?? NO_TITLE,
  };
  return {
    groupKey: JSON.stringify([scope, dedupKey]),
    groupLabels: {},
    summary:
      descriptionOf(annotations) ??
      (eventSummary.length > TITLE_LIMIT ? sanitizeText(eventSummary, SUMMARY_LIMIT) : null),
    alerts: [alert],
    truncated: 0,
    test: false,
    // Few senders repeat the payload when they resolve.
    ...(status === 'resolved' ? { resolvesWithoutLabels: true } : {}),
  };
}

/** What routes can match on. */
function labelsOf(payload: Sent, integration: string | null): Labels {
  const { severity, source, component, group, class: kind } = payload;
  return cleanSet({ severity, source, component, group, class: kind, integration });
}

/** The details as text; nested values are kept as JSON. */
function annotationsOf({ client, client_url: clientUrl, links: sent, images }: Sent, payload: Sent): Labels {
  const details = payload['custom_details'];
  const named = typeof details === 'object' && details !== null && !Array.isArray(details) ? details : { details };
  const flat = Object.fromEntries(
    Object.entries(named).map(([name, value]) => [name, scalarText(value) ?? (value ? JSON.stringify(value) : null)]),
  );
  const linked = listOf(sent).map(
    ({ href, text }) => `${scalarText(text) ?? 'link'}: ${webLink(href) ?? 'no web address'}`,
  );
  const pictures = listOf(images).flatMap(({ src }) => webLink(src) ?? []);
  const own = {
    client,
    client_url: webLink(clientUrl),
    links: linked.length > 0 ? linked.join('\n') : null,
    images: pictures.length > 0 ? pictures.join('\n') : null,
  };
  return cleanSet({ ...own, ...flat });
}

/** A link titled runbook or dashboard is one; the sender's own page is the source. */
function linksOf({ client_url: clientUrl, links: sent }: Sent): RawAlert['links'] {
  const linked = listOf(sent);
  const linkNamed = (word: string): unknown =>
    linked.find(({ href, text }) => webLink(href) && (scalarText(text) ?? '').toLowerCase().includes(word))?.['href'];
  return alertLinks({
    source: webLink(clientUrl, ...linked.map(({ href }) => href)),
    dashboard: webLink(linkNamed('dashboard')),
    runbook: webLink(linkNamed('runbook')),
    silence: webLink(linkNamed('silence')),
  });
}

const LISTED = 10;

const listOf = (raw: unknown): readonly Sent[] => (Array.isArray(raw) ? raw.slice(0, LISTED).map(asObject) : []);

const asObject = (raw: unknown): Sent =>
  typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? (raw as Sent) : {};
