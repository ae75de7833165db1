/** Sources and routes of a checked draft, in the configuration's own shape. */
import { type Severity } from '../domain/kernel/severity.ts';
import { type Route, type RoutingKey, type SourceName, type SourceSetting } from './config.ts';
import { NEW_INCIDENTS_PER_MINUTE, REPEAT_INTERVAL_MS } from './defaults.ts';
import { type RouteInput, type SourcesInput, type StormInput } from './schema/config-file.ts';
import { normalLabel } from './severity-labels.ts';

/** What any source may say; each kind's schema allows a part of it. */
interface AnySource {
  readonly token?: string | undefined;
  readonly hmacSecret?: string | undefined;
  readonly timestampHeader?: string | undefined;
  readonly fields?: Readonly<Record<string, string | undefined>> | undefined;
  readonly repeatInterval?: number | undefined;
  readonly routingKeys?: readonly string[] | Readonly<Record<string, string>> | undefined;
  readonly api?: { readonly url: string; readonly token?: string | undefined } | undefined;
}

export function toSources({ alertmanager, grafana, generic, pagerdutyEvents }: SourcesInput = {}): ReadonlyMap<
  SourceName,
  SourceSetting
> {
  const given: readonly (readonly [SourceName, AnySource | undefined])[] = [
    ['alertmanager', alertmanager],
    ['grafana', grafana],
    ['generic', generic],
    ['pagerdutyEvents', pagerdutyEvents],
  ];
  return new Map(given.flatMap(([name, source]) => (source ? [[name, toSource(source)] as const] : [])));
}

function toSource(source: AnySource): SourceSetting {
  const { token, hmacSecret, timestampHeader, fields, repeatInterval, routingKeys = [], api } = source;
  return {
    token: token === undefined || token === 'none' ? null : token,
    hmacSecret: hmacSecret ?? null,
    timestampHeader: timestampHeader ?? null,
    repeatIntervalMs: repeatInterval ?? REPEAT_INTERVAL_MS,
    fields: toMap(fields),
    routingKeys: toRoutingKeys(routingKeys),
    api: api === undefined ? null : { url: api.url, token: api.token ?? null },
  };
}

function toRoutingKeys(given: NonNullable<AnySource['routingKeys']>): readonly RoutingKey[] {
  if (Array.isArray(given)) return (given as readonly string[]).map((key) => ({ name: null, key }));
  return Object.entries(given as Readonly<Record<string, string>>).map(([name, key]) => ({ name, key }));
}

export function toRoute({ match, team, severity, maxSeverity, correlateBy, restricted }: RouteInput): Route {
  return {
    match: toMap(match),
    team,
    severity: typeof severity === 'object' ? toSeverityMap(severity) : (severity ?? null),
    maxSeverity: maxSeverity ?? null,
    correlateBy: correlateBy ?? null,
    restricted: restricted ?? false,
  };
}

/** New incidents a minute; null: storms are not folded. */
export function toStormLimit(storm: StormInput | undefined): number | null {
  if (storm === undefined) return NEW_INCIDENTS_PER_MINUTE;
  if (storm === 'off' || storm.newIncidentsPerMinute === 'off') return null;
  return storm.newIncidentsPerMinute;
}

/** Labels are compared in any case, so the map's keys are too. */
function toSeverityMap(severity: Readonly<Record<string, Severity>>): ReadonlyMap<string, Severity> {
  return new Map(Object.entries(severity).map(([label, value]) => [normalLabel(label), value]));
}

function toMap(record: Readonly<Record<string, string | undefined>> = {}): Map<string, string> {
  return new Map(Object.entries(record).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}
