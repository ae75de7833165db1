/**
 * Prometheus Alertmanager's webhook, version 4; older and hand-made ones as far as they can be read. Grafana's webhook
 * is the same with more fields. Loose on ignored fields (both add some in minor releases, without a new version),
 * strict on the shape of the fields we read. https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
import { z } from 'zod';
import { alertTitle } from '../../../domain/kernel/alert-titles.ts';
import { alertLinks, alertSpan, descriptionOf, parseRfc3339, titleLine, webLink } from './alert-fields.ts';
import { readFingerprint, disambiguateFingerprints, shortHash } from './fingerprint.ts';
import { brokenMonitoringTitle } from './grafana-legacy.ts';
import {
  NO_TITLE,
  problemsOfZodError,
  type Dropped,
  type ParseBody,
  type RawAlert,
  type SourceMessage,
} from './message.ts';
import { valueInAnyCase, cleanSet, scalarText, type Labels } from './sanitize.ts';

/** Checked by the functions below, which repair what can be repaired. */
const read = z.unknown().optional();

const rawMessage = z.object({
  // An integer key (version 3) has lost digits in JSON: worthless, so the labels decide.
  groupKey: z.string().min(1).nullable().catch(null).default(null),
  status: read,
  groupLabels: read,
  commonAnnotations: read,
  truncatedAlerts: read,
  receiver: read,
  externalURL: read,
  orgId: read,
  alerts: z.array(z.unknown()),
});

type SentAlert = Readonly<Record<string, unknown>>;

export interface AlertmanagerDialect {
  /** The sender's test button. */
  readonly isTest: (alert: RawAlert) => boolean;
  /** A title for an alert whose own would mislead; null: use its own. */
  readonly rename: (alert: RawAlert) => string | null;
}

/** A parser for senders that use Alertmanager's format. */
export function alertmanagerFormatParser({ isTest, rename }: AlertmanagerDialect): ParseBody {
  return (body, receivedAt) => {
    const parsed = rawMessage.safeParse(body);
    if (!parsed.success) return { problems: problemsOfZodError(parsed.error) };
    const sent = parsed.data.alerts.filter(isAlert);
    const malformed = parsed.data.alerts.length - sent.length;
    if (sent.length === 0 && malformed > 0) return { problems: [{ at: 'alerts.0', message: 'expected an object' }] };
    const truncated = readCount(parsed.data.truncatedAlerts) + malformed;
    const context = { groupStatus: groupStatusOf(parsed.data.status, truncated), receivedAt };
    const alerts = disambiguateFingerprints(
      sent.map((alert) => readAlert(alert, context)),
      (index) => sent[index]?.['labels'],
    );
    const renamed = alerts.map((alert) => ({ ...alert, title: rename(alert) ?? alert.title }));
    const message: SourceMessage = {
      groupKey: parsed.data.groupKey,
      groupLabels: cleanSet(parsed.data.groupLabels),
      summary: descriptionOf(cleanSet(parsed.data.commonAnnotations)),
      alerts: renamed,
      truncated,
      ...wholeGroup(parsed.data, { alerts, truncated }),
      test: alerts.length > 0 && alerts.every(isTest),
    };
    const dropped: Dropped[] = [{ count: malformed, reason: 'not an object', how: 'malformed' }];
    return { messages: [message], ...(malformed > 0 ? { dropped } : {}) };
  };
}

export const parseAlertmanager = alertmanagerFormatParser({ isTest: () => false, rename: () => null });

/** A message of more alerts does not say which: each signal would carry them. */
const LISTED_AT_MOST = 2000;

/**
 * The group that the message is about, and all of its alerts if it is whole. Two Alertmanagers, receivers or
 * organizations of Grafana may use one group key, and none lists the alerts of the others.
 */
function wholeGroup(
  { groupKey, receiver, externalURL, orgId }: z.output<typeof rawMessage>,
  { alerts, truncated }: Pick<SourceMessage, 'alerts' | 'truncated'>,
): Pick<SourceMessage, 'messageGroup' | 'listed'> {
  if (groupKey === null) return {};
  const messageGroup = shortHash([groupKey, ...[receiver, externalURL, orgId].map(scalarText)]);
  if (truncated > 0 || alerts.length === 0 || alerts.length > LISTED_AT_MOST) return { messageGroup };
  return { messageGroup, listed: [...new Set(alerts.map(({ fingerprint }) => fingerprint))] };
}

const isAlert = (raw: unknown): raw is SentAlert => typeof raw === 'object' && raw !== null && !Array.isArray(raw);

interface AlertContext {
  readonly groupStatus: RawAlert['status'] | null;
  readonly receivedAt: number;
}

function readAlert(sent: SentAlert, { groupStatus, receivedAt }: AlertContext): RawAlert {
  const labels = cleanSet(sent['labels']);
  const annotations = cleanSet(sent['annotations']);
  const status = readStatus(sent['status']) ?? groupStatus ?? statusFromEnd(sent['endsAt'], receivedAt);
  return {
    fingerprint: readFingerprint(sent['fingerprint'], sent['labels']),
    status,
    ...alertSpan({ status, receivedAt }, { startsAt: sent['startsAt'], endsAt: sent['endsAt'] }),
    ...(status === 'resolved' && isResolvedWithoutProof(labels, annotations) ? { vanished: true } : {}),
    labels,
    annotations,
    links: linksOf(sent, annotations),
    title: titleLine(alertTitle(labels, valueInAnyCase(annotations, 'summary'))) ?? NO_TITLE,
  };
}

/**
 * Why Grafana resolved an alert other than because all is well. The reason is in an annotation.
 * https://grafana.com/docs/grafana/latest/alerting/fundamentals/alert-rule-evaluation/stale-alert-instances/
 */
const UNPROVEN_REASONS = /\b(?:Updated|NoData|Error|Paused|RuleDeleted)\b/;
const MISSING_SERIES = /\bMissingSeries\b/;

function isResolvedWithoutProof(labels: Labels, annotations: Labels): boolean {
  const reason = annotations['grafana_state_reason'] ?? '';
  // Of an alert that only says that there is no data, a missing series is the proof that data is back.
  return UNPROVEN_REASONS.test(reason) || (MISSING_SERIES.test(reason) && brokenMonitoringTitle(labels) === null);
}

function linksOf(sent: SentAlert, annotations: Labels): RawAlert['links'] {
  const dashboards = [sent['dashboardURL'], sent['panelURL'], annotations['dashboard'], annotations['dashboard_url']];
  return alertLinks({
    source: webLink(sent['generatorURL']),
    dashboard: webLink(...dashboards),
    runbook: webLink(annotations['runbook_url'], annotations['runbook']),
    silence: webLink(sent['silenceURL']),
  });
}

/** A message that leaves alerts out has the status of those it kept, so it cannot claim that all have resolved. */
function groupStatusOf(raw: unknown, truncated: number): RawAlert['status'] | null {
  const status = readStatus(raw);
  return status === 'resolved' && truncated > 0 ? null : status;
}

/** Null when there is none. An unknown status (`suppressed`) counts as firing: better one page too many. */
function readStatus(raw: unknown): RawAlert['status'] | null {
  if (typeof raw !== 'string' || raw.trim() === '') return null;
  return raw.trim().toLowerCase() === 'resolved' ? 'resolved' : 'firing';
}

function statusFromEnd(rawEnd: unknown, receivedAt: number): RawAlert['status'] {
  const end = parseRfc3339(rawEnd);
  return end !== null && end <= receivedAt ? 'resolved' : 'firing';
}

/** A count that cannot be read is 0; a count in a string is read. */
function readCount(raw: unknown): number {
  const count = Math.floor(Number(scalarText(raw) ?? 0));
  return count > 0 ? Math.min(count, 1_000_000_000) : 0;
}
