/** the alerts of one message for one incident as its team's storm gets it: the storm's opening, the group by name, and alerts cut to their bones. Pure. */
import type { Config } from '../../config/config.ts';
import { stormWorkflowIdFor } from '../../config/identity.ts';
import type { AlertLinks, AlertReport, StormGroup } from '../../domain/alert.ts';
import type { Opening } from '../../domain/opening.ts';
import { worstOf, type Severity } from '../../domain/severity.ts';
import { clip } from '../../domain/text.ts';
import type { RoutedAlerts } from '../gateway.ts';
import { newUlid } from '../new-ulid.ts';
import { policyOf } from '../policy-cache.ts';

/** Ten thousand groups may join, and all of it stays in a history. */
const TITLE_UNITS = 100;
/** Title, labels and links of one alert; what is fixed takes another 230. */
const WORDS_BYTES = 170;
const LABELS = 10;
/** The most telling come first, then the others in the sender's order. */
const TELLING = ['alertname', 'service', 'instance', 'namespace', 'pod', 'job', 'cluster', 'severity'];
const LINKS: readonly (keyof AlertLinks)[] = ['runbook', 'dashboard', 'source', 'silence'];

/** `quiet`: groups with incidents of their own, which the storm only names. */
export function folded(routed: RoutedAlerts, config: Config, quiet: readonly StormGroup[] = []): RoutedAlerts {
  const { opening } = routed;
  const firing = routed.alerts.filter(({ status }) => status === 'firing');
  const worst = worstOf(firing.map((alert) => alert.severity));
  const severity = worst === null || worst === 'SEV1' ? mildest(opening.severity) : worst;
  const group = { workflowId: opening.workflowId, title: clip(opening.title, TITLE_UNITS), severity };
  return {
    ...routed,
    opening: stormOpening(opening, { severity, config, receivedAt: routed.receivedAt }),
    alerts: routed.alerts.map((alert) => toTheBone(alert, opening.workflowId)),
    groups: [...quiet, { ...group, service: opening.service }],
  };
}

/** Nothing fires, so nothing is opened: only that it must not be the worst of those that are sent with it. */
const mildest = (severity: Severity): Severity => (severity === 'SEV1' ? 'SEV4' : severity);

interface Occasion {
  readonly severity: Severity;
  readonly config: Config;
  readonly receivedAt: number;
}

function stormOpening({ team, spooledAt }: Opening, { severity, config, receivedAt }: Occasion): Opening {
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
    policy: policyOf(config, team, null),
    spooledAt,
    recurrenceOf: null,
  };
}

function toTheBone(alert: AlertReport, group: string): AlertReport {
  const title = clip(alert.title, TITLE_UNITS);
  let room = WORDS_BYTES - Buffer.byteLength(title);
  const fits = ([name, value]: readonly [string, string]): boolean => {
    const bytes = Buffer.byteLength(name) + Buffer.byteLength(value) + '"":"",'.length;
    if (bytes > room) return false;
    room -= bytes;
    return true;
  };
  const labels = inOrder(alert.labels).slice(0, LABELS).filter(fits);
  const links = LINKS.flatMap((kind) => {
    const url = alert.links[kind];
    return url === undefined ? [] : [[kind, url] as const];
  }).filter(fits);
  const kept = { labels: Object.fromEntries(labels), links: Object.fromEntries(links) };
  return { ...alert, title, ...kept, annotations: {}, group };
}

function inOrder(labels: AlertReport['labels']): readonly (readonly [string, string])[] {
  const telling = TELLING.flatMap((name) => {
    const value = Object.hasOwn(labels, name) ? labels[name] : undefined;
    return value === undefined ? [] : [[name, value] as const];
  });
  return [...telling, ...Object.entries(labels).filter(([name]) => !TELLING.includes(name))];
}
