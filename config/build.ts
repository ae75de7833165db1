/** A checked draft → the configuration: defaults filled in, one shape for every way of writing. */
import { CONTACT_SETTINGS, type ContactKind } from '../providers/contact-settings.ts';
import { parseOfficeHours } from '../schedules/office-hours.ts';
import { type TeamCalendar } from '../schedules/team-calendar.ts';
import { toPostIncident } from './build-post-incident.ts';
import { toRoute, toSources, toStormLimit } from './build-intake.ts';
import { toMaintenance } from './build-maintenance.ts';
import { toNamed } from './build-named.ts';
import { toVoices } from './build-voices.ts';
import { toWatching } from './build-watching.ts';
import { toStakeholders } from './build-words.ts';
import { ON_CALL } from './checks/people.ts';
import { type Config, type ContactSetting, type Person, type Service, type Team } from './config.ts';
import { type Draft } from './draft.ts';
import { isLoopback } from './environment.ts';
import { type PersonInput, type ServiceInput, type TeamInput } from './schema/file.ts';
import { mergeMonitoring, mergeSeverities } from './severities.ts';
import { type Environment } from './substitute.ts';

/** Only for drafts without findings: broken entries are left out. */
export function buildConfig(
  { rest, people, teams, services, routes }: Draft,
  { file, env, templates }: Pick<Config, 'file' | 'templates'> & { readonly env: Environment },
): Omit<Config, 'notYet' | 'warnings'> {
  const named = { name: 'Our organization', ...rest.organization };
  const leadership = 'leadership' in named ? named.leadership : undefined;
  const organizationZone = 'timeZone' in named ? named.timeZone : undefined;
  const releasesChannel = 'releasesChannel' in named ? named.releasesChannel : undefined;
  const timeZone = rest.timeZone ?? organizationZone ?? 'UTC';
  return {
    file,
    organization: { name: named.name, leadership: leadership ?? [], releasesChannel: releasesChannel ?? null },
    publicUrl: rest.publicUrl ?? defaultUrl(env),
    timeZone,
    people: mapEntries(people, (id, person) => toPerson(id, person, timeZone)),
    teams: mapEntries(teams, (id, team) => toTeam(id, team, timeZone)),
    services: mapEntries(services, toService),
    sources: toSources(rest.sources),
    routes: routes.flatMap((route) => (route ? [toRoute(route)] : [])),
    severities: mergeSeverities(rest.severities),
    monitoring: mergeMonitoring(rest.monitoring),
    storm: { newIncidentsPerMinute: toStormLimit(rest.storm) },
    maintenance: toMaintenance(rest.maintenance, timeZone),
    ...toVoices(rest),
    ...toPostIncident(rest),
    ...toStakeholders(rest),
    templates,
    ...toNamed(rest),
    ...toWatching(rest, { defaultTeam: routes.findLast((route) => route)?.team ?? '', toContacts }),
  };
}

/** Where the server listens, as far as the environment tells. */
function defaultUrl(env: Environment): string {
  const host = env.HOST || '127.0.0.1';
  const reachable = ['0.0.0.0', '::', '[::]'].includes(host) || isLoopback(host) ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${env.PORT || '8080'}`;
}

function mapEntries<T, R>(entries: ReadonlyMap<string, T | null>, make: (id: string, entry: T) => R): Map<string, R> {
  return new Map([...entries].flatMap(([id, entry]) => (entry === null ? [] : [[id, make(id, entry)] as const])));
}

function toPerson(id: string, { name, role, contact = [], timeZone, quietHours }: PersonInput, zone: string): Person {
  return {
    id,
    name: name ?? id,
    role: role ?? null,
    contacts: contact.flatMap(toContacts),
    timeZone: timeZone ?? zone,
    quietHours: quietHours ?? null,
  };
}

function toContacts(contact: { readonly [K in ContactKind]?: string | true | undefined }): readonly ContactSetting[] {
  const kinds = Object.keys(CONTACT_SETTINGS) as ContactKind[];
  return kinds.flatMap((kind) => {
    const target = contact[kind];
    return target === undefined ? [] : [{ kind, target: target === true ? '' : target }];
  });
}

function toTeam(id: string, team: TeamInput, zone: string): Team {
  const { onCall, escalation, leadership, channel } = team;
  return {
    id,
    onCall: onCall ?? [],
    escalation: escalation ?? [[ON_CALL]],
    leadership: leadership ?? [],
    channel: channel ?? null,
    calendar: toCalendar(team, zone),
  };
}

function toCalendar({ hours, holidays, timeZone }: TeamInput, zone: string): TeamCalendar {
  const parsed = hours === undefined ? null : parseOfficeHours(hours);
  return { hours: parsed, timeZone: timeZone ?? zone, holidays: holidays ?? null };
}

function toService(id: string, { team, owner, runbook, dashboard, component, pagerduty }: ServiceInput): Service {
  return {
    id,
    team: team ?? null,
    owner: owner ?? null,
    runbook: runbook ?? null,
    dashboard: dashboard ?? null,
    component: component ?? null,
    pagerduty: pagerduty ?? null,
  };
}
