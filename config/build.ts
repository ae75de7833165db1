/** A checked draft → the configuration: defaults filled in, one shape for every way of writing. */
import { vendorSettingsIn, type ContactKind } from '../providers/vendors.ts';
import { parseOfficeHours } from '../schedules/office-hours.ts';
import { type TeamCalendar } from '../schedules/team-calendar.ts';
import { toPostIncident } from './build-post-incident.ts';
import { toRoute, toSources, toStormLimit } from './build-intake.ts';
import { toMaintenance } from './build-maintenance.ts';
import { toActionAndQueryNames } from './build-named.ts';
import { toHeartbeatsAndLastResort } from './build-watching.ts';
import { toStakeholders } from './build-words.ts';
import { ON_CALL } from './checks/people.ts';
import { type Config, type ContactSetting, type Person, type Service, type Team } from './config.ts';
import { type ConfigDraft } from './draft.ts';
import { isLoopback } from './environment.ts';
import { type PersonInput, type ServiceInput, type TeamInput } from './schema/config-file.ts';
import { mergeMonitoring, mergeSeverities } from './severities.ts';
import { type ProcessEnv } from './substitute.ts';

/** Only for drafts without findings: broken entries are left out. */
export function buildConfig(
  { otherSections, people, teams, services, routes }: ConfigDraft,
  { file, env, templates }: Pick<Config, 'file' | 'templates'> & { readonly env: ProcessEnv },
): Omit<Config, 'notSupportedYet' | 'warnings'> {
  const organizationSettings = { name: 'Our organization', ...otherSections.organization };
  const leadership = 'leadership' in organizationSettings ? organizationSettings.leadership : undefined;
  const organizationZone = 'timeZone' in organizationSettings ? organizationSettings.timeZone : undefined;
  const releasesChannel = 'releasesChannel' in organizationSettings ? organizationSettings.releasesChannel : undefined;
  const timeZone = otherSections.timeZone ?? organizationZone ?? 'UTC';
  return {
    file,
    organization: {
      name: organizationSettings.name,
      leadership: leadership ?? [],
      releasesChannel: releasesChannel ?? null,
    },
    publicUrl: otherSections.publicUrl ?? defaultUrl(env),
    timeZone,
    people: mapEntries(people, (id, person) => toPerson(id, person, timeZone)),
    teams: mapEntries(teams, (id, team) => toTeam(id, team, timeZone)),
    services: mapEntries(services, toService),
    sources: toSources(otherSections.sources),
    routes: routes.flatMap((route) => (route ? [toRoute(route)] : [])),
    severities: mergeSeverities(otherSections.severities),
    monitoring: mergeMonitoring(otherSections.monitoring),
    storm: { newIncidentsPerMinute: toStormLimit(otherSections.storm) },
    maintenance: toMaintenance(otherSections.maintenance, timeZone),
    statusPageFirst: otherSections.statusPage?.first ?? 'confirmed',
    statusPage: {
      builtin: otherSections.statusPage?.builtin ?? true,
      url: otherSections.statusPage?.url ?? null,
    },
    tickets: { files: otherSections.tickets?.files ?? true },
    vendors: vendorSettingsIn(otherSections),
    ...toPostIncident(otherSections),
    ...toStakeholders(otherSections),
    templates,
    ...toActionAndQueryNames(otherSections),
    ...toHeartbeatsAndLastResort(otherSections, {
      defaultTeam: routes.findLast((route) => route)?.team ?? '',
      toContacts,
    }),
  };
}

/** Where the server listens, as far as the environment tells. */
function defaultUrl(env: ProcessEnv): string {
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
  return Object.entries(contact).map(([kind, target = '']) => ({
    kind: kind as ContactKind,
    target: target === true ? '' : target,
  }));
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
