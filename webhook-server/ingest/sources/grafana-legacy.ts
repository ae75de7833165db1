/**
 * Alerts of Grafana's dashboards (before unified alerting; removed in Grafana 11): one rule a message, no fingerprint,
 * no start. The rule is the identity. A rule without data is an alert of its own, so that a real firing is never
 * mistaken for a repeat of it; every other state resolves that alert.
 */
import { alertLinks, alertSpan, titleLine, webLink } from './alert-fields.ts';
import { shortHash } from './fingerprint.ts';
import { NO_TITLE, SUMMARY_LIMIT, type SourceMessage, type RawAlert, type ParsedBody } from './message.ts';
import { sanitizeText, cleanSet, scalarText, type Labels } from './sanitize.ts';

const NO_DATA = 'DatasourceNoData';
const QUERY_FAILED = 'DatasourceError';

/**
 * The title of an alert that only says that nobody watches the service: the query gave no data, or failed. Null for all
 * others. Unified alerting raises them under these names, with the labels of the rule; a dashboard's alert, which has a
 * state instead, gets the same name, so that one route serves both.
 */
export function brokenMonitoringTitle(labels: Labels): string | null {
  const rule = labels['rulename'] || 'an alert rule';
  if (labels['alertname'] === NO_DATA) return titleLine(`Monitoring is broken: no data for ${rule}`);
  return labels['alertname'] === QUERY_FAILED ? titleLine(`Monitoring is broken: ${rule} cannot be evaluated`) : null;
}

type DashboardAlert = Readonly<Record<string, unknown>>;

type Kind = 'rule' | 'no-data';

/** Fields that no message of unified alerting has, and no list of alerts, which all of them have. */
export function isDashboardAlert(body: unknown): body is DashboardAlert {
  if (typeof body !== 'object' || body === null || Array.isArray(body) || Object.hasOwn(body, 'alerts')) return false;
  return ['ruleId', 'ruleName', 'evalMatches'].some((name) => Object.hasOwn(body, name));
}

export function parseDashboardAlert(sent: DashboardAlert, receivedAt: number): ParsedBody {
  const state = (scalarText(sent['state']) ?? '').trim().toLowerCase();
  const messageFor = (kind: Kind, status: RawAlert['status']): SourceMessage =>
    toMessage(sent, { kind, status, receivedAt });
  switch (state) {
    case 'ok':
      return { messages: [messageFor('rule', 'resolved'), messageFor('no-data', 'resolved')] };
    case 'no_data':
      // Without data nobody knows whether the rule still fires, so that alert stays as it is.
      return { messages: [messageFor('no-data', 'firing')] };
    case 'paused':
    case 'pending':
      return { messages: [], dropped: [{ count: 1, reason: `the rule is ${state}` }] };
    default:
      // `alerting`, and unknown states: better one page too many.
      return {
        messages: isTest(sent)
          ? [messageFor('rule', 'firing')]
          : [messageFor('rule', 'firing'), messageFor('no-data', 'resolved')],
      };
  }
}

interface DashboardAlertState {
  readonly kind: Kind;
  readonly status: RawAlert['status'];
  readonly receivedAt: number;
}

function toMessage(sent: DashboardAlert, { kind, status, receivedAt }: DashboardAlertState): SourceMessage {
  const identity = [...identityOf(sent), kind];
  const labels = labelsOf(sent, kind);
  const alert: RawAlert = {
    fingerprint: shortHash(['grafana-legacy', ...identity]),
    status,
    ...alertSpan({ status, receivedAt }, {}),
    labels,
    annotations: annotationsOf(sent),
    links: alertLinks({
      source: webLink(sent['ruleUrl']),
      dashboard: undefined,
      runbook: undefined,
      silence: undefined,
    }),
    title:
      brokenMonitoringTitle(labels) ??
      titleLine(scalarText(sent['ruleName'])) ??
      titleLine(scalarText(sent['title'])) ??
      NO_TITLE,
  };
  const text = scalarText(sent['message'])?.trim();
  return {
    groupKey: JSON.stringify(identity),
    groupLabels: {},
    summary: text ? sanitizeText(text, SUMMARY_LIMIT) : null,
    alerts: [alert],
    truncated: 0,
    test: isTest(sent),
  };
}

/** Ids are unique only within an organization, which older senders do not name. */
function identityOf(sent: DashboardAlert): readonly (string | null)[] {
  const rule = scalarText(sent['ruleId']);
  const names = rule === null ? ['dashboardId', 'panelId', 'ruleName'] : ['ruleId'];
  return ['orgId', ...names].map((name) => scalarText(sent[name]));
}

/** The rule's tags, and its name as in unified alerting. */
function labelsOf(sent: DashboardAlert, kind: Kind): Labels {
  const rule = scalarText(sent['ruleName']) ?? scalarText(sent['title']) ?? '';
  const named = kind === 'rule' ? { alertname: rule } : { alertname: NO_DATA, rulename: rule };
  const tags = typeof sent['tags'] === 'object' && !Array.isArray(sent['tags']) ? sent['tags'] : {};
  return cleanSet({ ...tags, ...named });
}

const MATCHES_SHOWN = 10;

function annotationsOf(sent: DashboardAlert): Labels {
  const matches = (Array.isArray(sent['evalMatches']) ? (sent['evalMatches'] as unknown[]) : [])
    .slice(0, MATCHES_SHOWN)
    .flatMap((match): string[] => {
      const { metric, value } = Object(match) as DashboardAlert;
      return scalarText(metric) === null ? [] : [`${scalarText(metric)} = ${scalarText(value) ?? 'no value'}`];
    });
  return cleanSet({
    description: sent['message'],
    values: matches.length > 0 ? matches.join('\n') : null,
    image: webLink(sent['imageUrl']),
  });
}

/** Test buttons send rule 0; later versions a random rule with the same text. */
function isTest(sent: DashboardAlert): boolean {
  const text = scalarText(sent['message']) ?? '';
  return (
    scalarText(sent['ruleId']) === '0' || /^Someone is testing the alert notification within grafana\b/i.test(text)
  );
}
