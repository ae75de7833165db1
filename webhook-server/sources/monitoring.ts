/**
 * The core that Alertmanager and Grafana share: Grafana's webhook is Alertmanager's with more fields. Loose on what is
 * ignored (both add fields in minor releases, without a new version), strict on the shape of what is read.
 * https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
import { z } from 'zod';
import { anyCase, clean, cleanLine, cleanSet, type Labels } from './clean.ts';
import { readFingerprint, tellApart } from './fingerprint.ts';
import { links, webLink } from './links.ts';
import { NO_TITLE, SUMMARY_LIMIT, TITLE_LIMIT, type Message, type Parse, type RawAlert } from './message.ts';
import { problemsOf } from './problems.ts';
import { readTime } from './time.ts';

/** Read by the functions below, which repair what can be repaired. */
const read = z.unknown().optional();

const rawAlert = z.object({
  status: read,
  labels: read,
  annotations: read,
  startsAt: read,
  endsAt: read,
  fingerprint: read,
  generatorURL: read,
  dashboardURL: read,
  panelURL: read,
  silenceURL: read,
});

const rawMessage = z.object({
  // An integer key (version 3) has lost digits in JSON: worthless, so the labels decide.
  groupKey: z.string().min(1).nullable().catch(null).default(null),
  status: read,
  groupLabels: read,
  commonLabels: read,
  commonAnnotations: read,
  truncatedAlerts: z.number().int().nonnegative().catch(0).default(0),
  alerts: z.array(rawAlert),
});

type SentAlert = z.output<typeof rawAlert>;

/** A parser for senders that speak Alertmanager's language; `isTest` knows their test button. */
export function monitoringParser({ isTest }: { isTest: (alert: RawAlert) => boolean }): Parse {
  return (body, receivedAt) => {
    const sent = rawMessage.safeParse(body);
    if (!sent.success) return { problems: problemsOf(sent.error) };
    const groupStatus = readStatus(sent.data.status);
    const alerts = sent.data.alerts.map((alert) => readAlert(alert, groupStatus, receivedAt));
    const common = cleanSet(sent.data.commonAnnotations);
    const message: Message = {
      groupKey: sent.data.groupKey,
      groupLabels: cleanSet(sent.data.groupLabels),
      commonLabels: cleanSet(sent.data.commonLabels),
      title: line(anyCase(common, 'summary')),
      summary: describe(common),
      alerts: tellApart(alerts),
      truncated: sent.data.truncatedAlerts,
      test: alerts.length > 0 && alerts.every(isTest),
    };
    return { messages: [message] };
  };
}

function readAlert(sent: SentAlert, groupStatus: RawAlert['status'] | null, receivedAt: number): RawAlert {
  const labels = cleanSet(sent.labels);
  const annotations = cleanSet(sent.annotations);
  const startsAt = readTime(sent.startsAt);
  const endsAt = readTime(sent.endsAt);
  const ended = endsAt !== null && endsAt <= receivedAt ? 'resolved' : 'firing';
  const status = readStatus(sent.status) ?? groupStatus ?? ended;
  return {
    fingerprint: readFingerprint(sent.fingerprint, labels),
    status,
    startsAt: startsAt ?? receivedAt,
    startGuessed: startsAt === null,
    endsAt: status === 'resolved' ? (endsAt ?? receivedAt) : null,
    labels,
    annotations,
    links: links({
      source: webLink(sent.generatorURL),
      dashboard: webLink(sent.dashboardURL, sent.panelURL, annotations['dashboard'], annotations['dashboard_url']),
      runbook: webLink(annotations['runbook_url'], annotations['runbook']),
      silence: webLink(sent.silenceURL),
    }),
    title: line(anyCase(annotations, 'summary')) ?? line(labels['alertname']) ?? NO_TITLE,
  };
}

/** Null when there is none. A word we do not know (`suppressed`) counts as firing: better one page too many. */
function readStatus(raw: unknown): RawAlert['status'] | null {
  if (typeof raw !== 'string' || raw === '') return null;
  return raw.trim().toLowerCase() === 'resolved' ? 'resolved' : 'firing';
}

/** A title, or null when nothing is left of it. */
export function line(raw: string | undefined): string | null {
  return raw === undefined ? null : cleanLine(raw, TITLE_LIMIT) || null;
}

/** What the annotations say at length; null: nothing. `message` is what older rules call it. */
export function describe(annotations: Labels): string | null {
  const text = anyCase(annotations, 'description') ?? anyCase(annotations, 'message');
  return text?.trim() ? clean(text.trim(), SUMMARY_LIMIT) : null;
}
