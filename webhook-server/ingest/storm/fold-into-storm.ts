/**
 * Routed alerts as sent to their team's storm: with the storm's declaration, the name of their group, and only the most
 * useful labels and links of each alert. Pure.
 */
import type { Config } from '../../../config/config.ts';
import { stormWorkflowIdFor } from '../../../config/routing.ts';
import type { AlertLinks, AlertReport, StormGroup } from '../../../domain/kernel/alert.ts';
import { worstOf, type Severity } from '../../../domain/kernel/severity.ts';
import { truncate } from '../../../domain/kernel/text.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';
import { cachedPolicy, declarationOf, newUlid } from '../declaration.ts';

/** Ten thousand groups may join, and a history holds all of it. */
const TITLE_UNITS = 100;
/** Title, labels and links of one alert; its fixed fields take another 230. */
const TEXT_BYTES = 170;
const LABELS = 10;
/** The most useful first, then the others as sent. */
const IDENTIFYING_LABELS = ['alertname', 'service', 'instance', 'namespace', 'pod', 'job', 'cluster', 'severity'];
const LINKS: readonly (keyof AlertLinks)[] = ['runbook', 'dashboard', 'source', 'silence'];

/** `unpaged`: groups with incidents of their own, which the storm only names. */
export function foldIntoStorm(routed: RoutedAlerts, config: Config, unpaged: readonly StormGroup[] = []): RoutedAlerts {
  const { workflowId, title, team, service, spooledAt, severity: declared } = routed.declaration;
  const firing = routed.alerts.filter(({ status }) => status === 'firing');
  const worst = worstOf(firing.map((alert) => alert.severity));
  const severity = worst === null || worst === 'SEV1' ? milderThanSev1(declared) : worst;
  const declaration = declarationOf({
    workflowId: stormWorkflowIdFor(team),
    incidentId: newUlid(routed.receivedAt),
    title: `Storm of alerts for ${team}`,
    summary:
      `More than ${config.storm.newIncidentsPerMinute ?? 0} new incidents in a minute: groups of alerts beyond that are ` +
      'collected here, each by its name. A SEV1 always has an incident of its own.',
    severity,
    team,
    source: 'storm',
    storm: true,
    policy: cachedPolicy(config, team, null),
    spooledAt,
  });
  // A storm has alerts of very many groups of the sender, and one signal carries many of them.
  const { messageGroup: _, listed: _of, ...rest } = routed;
  return {
    ...rest,
    declaration,
    alerts: routed.alerts.map((alert) => trimmedForStorm(alert, workflowId)),
    groups: [...unpaged, { workflowId, title: truncate(title, TITLE_UNITS), severity, service }],
  };
}

/** Nothing fires, so nothing is opened; the severity must only not exceed that of the others sent with it. */
const milderThanSev1 = (severity: Severity): Severity => (severity === 'SEV1' ? 'SEV4' : severity);

function trimmedForStorm(alert: AlertReport, group: string): AlertReport {
  const title = truncate(alert.title, TITLE_UNITS);
  let room = TEXT_BYTES - Buffer.byteLength(title);
  const fits = ([name, value]: readonly [string, string]): boolean => {
    const bytes = Buffer.byteLength(name) + Buffer.byteLength(value) + '"":"",'.length;
    if (bytes > room) return false;
    room -= bytes;
    return true;
  };
  const labels = labelsByImportance(alert.labels).slice(0, LABELS).filter(fits);
  const links = LINKS.flatMap((kind) => {
    const url = alert.links[kind];
    return url === undefined ? [] : [[kind, url] as const];
  }).filter(fits);
  const kept = { labels: Object.fromEntries(labels), links: Object.fromEntries(links) };
  return { ...alert, title, ...kept, annotations: {}, group };
}

function labelsByImportance(labels: AlertReport['labels']): readonly (readonly [string, string])[] {
  const identifying = IDENTIFYING_LABELS.flatMap((name) => {
    const value = Object.hasOwn(labels, name) ? labels[name] : undefined;
    return value === undefined ? [] : [[name, value] as const];
  });
  return [...identifying, ...Object.entries(labels).filter(([name]) => !IDENTIFYING_LABELS.includes(name))];
}
