/**
 * The core that Alertmanager and Grafana share: Grafana's webhook is Alertmanager's with more fields. Loose on what is
 * ignored (both add fields in minor releases, without a new version), strict on the shape of what is read.
 * https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
import { z } from 'zod';
import { valueInAnyCase, cleanSet, scalarText, type Labels } from './sanitize.ts';
import { readFingerprint, disambiguateFingerprints } from './fingerprint.ts';
import { alertLinks, webLink } from './alert-links.ts';
import { NO_TITLE, type SourceMessage, type ParseBody, type RawAlert } from './message.ts';
import { problemsOfZodError } from './zod-problems.ts';
import { descriptionOf, titleLine } from './alert-text.ts';
import { alertSpan, parseRfc3339 } from './alert-time.ts';

/** Read by the functions below, which repair what can be repaired. */
const read = z.unknown().optional();

const rawMessage = z.object({
  // An integer key (version 3) has lost digits in JSON: worthless, so the labels decide.
  groupKey: z.string().min(1).nullable().catch(null).default(null),
  status: read,
  groupLabels: read,
  commonAnnotations: read,
  truncatedAlerts: read,
  alerts: z.array(z.unknown()),
});

type SentAlert = Readonly<Record<string, unknown>>;

export interface AlertmanagerDialect {
  /** The sender's test button. */
  readonly isTest: (alert: RawAlert) => boolean;
  /** What an alert is called whose own words would mislead; null: as its sender calls it. */
  readonly rename: (alert: RawAlert) => string | null;
}

/** A parser for senders that speak Alertmanager's language. */
export function alertmanagerFormatParser({ isTest, rename }: AlertmanagerDialect): ParseBody {
  return (body, receivedAt) => {
    const parsed = rawMessage.safeParse(body);
    if (!parsed.success) return { problems: problemsOfZodError(parsed.error) };
    const sent = parsed.data.alerts.filter(isAlert);
    const unreadable = parsed.data.alerts.length - sent.length;
    if (sent.length === 0 && unreadable > 0) return { problems: [{ at: 'alerts.0', message: 'expected an object' }] };
    const truncated = readCount(parsed.data.truncatedAlerts) + unreadable;
    const context = { groupStatus: groupStatusOf(parsed.data.status, truncated), receivedAt };
    const alerts = disambiguateFingerprints(
      sent.map((alert) => readAlert(alert, context)),
      (index) => sent[index]?.['labels'],
    );
    const renamed = alerts.map((alert) => ({ ...alert, title: rename(alert) ?? alert.title }));
    const common = cleanSet(parsed.data.commonAnnotations);
    const message: SourceMessage = {
      groupKey: parsed.data.groupKey,
      groupLabels: cleanSet(parsed.data.groupLabels),
      title: alerts.some((alert) => rename(alert) !== null) ? null : titleLine(valueInAnyCase(common, 'summary')),
      summary: descriptionOf(common),
      alerts: renamed,
      truncated,
      test: alerts.length > 0 && alerts.every(isTest),
    };
    return { messages: [message], ...(unreadable > 0 ? { unreadable } : {}) };
  };
}

const isAlert = (raw: unknown): raw is SentAlert => typeof raw === 'object' && raw !== null && !Array.isArray(raw);

interface Context {
  readonly groupStatus: RawAlert['status'] | null;
  readonly receivedAt: number;
}

function readAlert(sent: SentAlert, { groupStatus, receivedAt }: Context): RawAlert {
  const labels = cleanSet(sent['labels']);
  const annotations = cleanSet(sent['annotations']);
  const status = readStatus(sent['status']) ?? groupStatus ?? statusFromEnd(sent['endsAt'], receivedAt);
  return {
    fingerprint: readFingerprint(sent['fingerprint'], sent['labels']),
    status,
    ...alertSpan({ status, receivedAt }, { startsAt: sent['startsAt'], endsAt: sent['endsAt'] }),
    ...(status === 'resolved' && isResolvedWithoutProof(annotations) ? { vanished: true } : {}),
    labels,
    annotations,
    links: linksOf(sent, annotations),
    title: titleLine(valueInAnyCase(annotations, 'summary')) ?? titleLine(labels['alertname']) ?? NO_TITLE,
  };
}

/**
 * Why Grafana ended it, when not because all is well. The reason stands in an annotation.
 * https://grafana.com/docs/grafana/latest/alerting/fundamentals/alert-rule-evaluation/nodata-and-error-states/
 */
const UNPROVEN_REASONS = /\b(MissingSeries|NoData|Error|Paused|RuleDeleted)\b/;

function isResolvedWithoutProof(annotations: Labels): boolean {
  return UNPROVEN_REASONS.test(annotations['grafana_state_reason'] ?? '');
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

/** Of a message that leaves alerts out, the status is that of what was left in: it cannot say that all is over. */
function groupStatusOf(raw: unknown, truncated: number): RawAlert['status'] | null {
  const status = readStatus(raw);
  return status === 'resolved' && truncated > 0 ? null : status;
}

/** Null when there is none. A word we do not know (`suppressed`) counts as firing: better one page too many. */
function readStatus(raw: unknown): RawAlert['status'] | null {
  if (typeof raw !== 'string' || raw.trim() === '') return null;
  return raw.trim().toLowerCase() === 'resolved' ? 'resolved' : 'firing';
}

function statusFromEnd(rawEnd: unknown, receivedAt: number): RawAlert['status'] {
  const end = parseRfc3339(rawEnd);
  return end !== null && end <= receivedAt ? 'resolved' : 'firing';
}

/** A count that cannot be read is none; one written as a text is one. */
function readCount(raw: unknown): number {
  const count = Math.floor(Number(scalarText(raw) ?? 0));
  return count > 0 ? Math.min(count, 1_000_000_000) : 0;
}
