/** Sources and routes of a checked draft, in the configuration's own shape. */
import { type Severity } from '../domain/severity.ts';
import { type Route, type SourceName, type SourceSetting } from './config.ts';
import { REPEAT_INTERVAL_MS } from './defaults.ts';
import { type RouteInput, type SourcesInput } from './schema/file.ts';
import { normalLabel } from './severity-labels.ts';

/** What any source may say; each kind's schema allows a part of it. */
interface AnySource {
  readonly token?: string | undefined;
  readonly hmacSecret?: string | undefined;
  readonly timestampHeader?: string | undefined;
  readonly fields?: Readonly<Record<string, string | undefined>> | undefined;
  readonly repeatInterval?: number | undefined;
}

export function toSources({ alertmanager, grafana, generic }: SourcesInput = {}): ReadonlyMap<
  SourceName,
  SourceSetting
> {
  const given: readonly (readonly [SourceName, AnySource | undefined])[] = [
    ['alertmanager', alertmanager],
    ['grafana', grafana],
    ['generic', generic],
  ];
  return new Map(given.flatMap(([name, source]) => (source ? [[name, toSource(source)] as const] : [])));
}

function toSource({ token, hmacSecret, timestampHeader, fields, repeatInterval }: AnySource): SourceSetting {
  return {
    token: token === undefined || token === 'none' ? null : token,
    hmacSecret: hmacSecret ?? null,
    timestampHeader: timestampHeader ?? null,
    repeatIntervalMs: repeatInterval ?? REPEAT_INTERVAL_MS,
    fields: toMap(fields),
  };
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

/** Labels are compared in any case, so the map's keys are too. */
function toSeverityMap(severity: Readonly<Record<string, Severity>>): ReadonlyMap<string, Severity> {
  return new Map(Object.entries(severity).map(([label, value]) => [normalLabel(label), value]));
}

function toMap(record: Readonly<Record<string, string | undefined>> = {}): Map<string, string> {
  return new Map(Object.entries(record).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}
