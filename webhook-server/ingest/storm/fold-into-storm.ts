/** the alerts of one message for one incident as its team's storm gets it: the storm's opening, the group by name, and alerts cut to their bones. Pure. */
import type { Config } from '../../../config/config.ts';
import { stormWorkflowIdFor } from '../../../config/correlation-key.ts';
import type { AlertLinks, AlertReport, StormGroup } from '../../../domain/kernel/alert.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import { worstOf, type Severity } from '../../../domain/kernel/severity.ts';
import { truncate } from '../../../domain/kernel/text.ts';
import type { RoutedAlerts } from '../../incidents/gateway.ts';
import { newUlid } from '../declaration.ts';
import { cachedPolicy } from '../declaration.ts';

/** Ten thousand groups may join, and all of it stays in a history. */
const TITLE_UNITS = 100;
/** Title, labels and links of one alert; what is fixed takes another 230. */
const TEXT_BYTES = 170;
const LABELS = 10;
/** The most telling come first, then the others in the sender's order. */
const IDENTIFYING_LABELS = ['alertname', 'service', 'instance', 'namespace', 'pod', 'job', 'cluster', 'severity'];
const LINKS: readonly (keyof AlertLinks)[] = ['runbook', 'dashboard', 'source', 'silence'];

/** `quiet`: groups with incidents of their own, which the storm only names. */
export function foldIntoStorm(routed: RoutedAlerts, config: Config, unpaged: readonly StormGroup[] = []): RoutedAlerts {
  const { declaration } = routed;
  const firing = routed.alerts.filter(({ status }) => status === 'firing');
  const worst = worstOf(firing.map((alert) => alert.severity));
  const severity = worst === null || worst === 'SEV1' ? milderThanSev1(declaration.severity) : worst;
  const group = { workflowId: declaration.workflowId, title: truncate(declaration.title, TITLE_UNITS), severity };
  return {
    ...routed,
    declaration: stormOpening(declaration, { severity, config, receivedAt: routed.receivedAt }),
    alerts: routed.alerts.map((alert) => trimmedForStorm(alert, declaration.workflowId)),
    groups: [...unpaged, { ...group, service: declaration.service }],
  };
}

/** Nothing fires, so nothing is opened: only that it must not be the worst of those that are sent with it. */
const milderThanSev1 = (severity: Severity): Severity => (severity === 'SEV1' ? 'SEV4' : severity);

interface StormOpeningParts {
  readonly severity: Severity;
  readonly config: Config;
  readonly receivedAt: number;
}

function stormOpening(
  { team, spooledAt }: Declaration,
  { severity, config, receivedAt }: StormOpeningParts,
): Declaration {
  return {
    workflowId: stormWorkflowIdFor(team),
    incidentId: newUlid(receivedAt),
    title: `Storm of alerts for ${team}`,
    summary:
      `More than ${config.storm.newIncidentsPerMinute ?? 0} new incidents in a minute: the groups of alerts that came ` +
      'beyond them are gathered here, each by its name. A SEV1 never is: it has an incident of its own.',
    severity,
    severityGuessed: false,
    team,
    service: null,
    component: null,
    source: 'storm',
    declaredBy: null,
    declarerIsOnCall: false,
    test: false,
    restricted: false,
    storm: true,
    policy: cachedPolicy(config, team, null),
    spooledAt,
    recurrenceOf: null,
  };
}

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
