/**
 * The activities of a process: their ports are built from the configuration (people, working hours, the vendor for each
 * need), and again when it is reloaded.
 */
import { join } from 'node:path';
import { createNotificationActivities, createPageActivities } from '../activities/index.ts';
import type { Calendars, Directory, PageMetrics, Ports, TextSettings } from '../activities/ports.ts';
import type { NotificationActivities, PageActivities } from '../activities/types.ts';
import type { Config } from '../config/config.ts';
import { incidentUrl, signedIncidentUrl } from '../config/routing.ts';
import { reloadable, type ConfigSource } from '../config/config-source.ts';
import { contactSettingsOf, resolvePeople, policyFor } from '../config/policy.ts';
import { PAGERDUTY_OWNER_PREFIX } from '../config/sections/people.ts';
import { createSigner } from '../runtime/digests.ts';
import { evidenceWebhook } from '../providers/webhook/webhook.ts';
import type { OrganizationSettings } from '../providers/vendor.ts';
import { Vendors } from '../providers/vendors.ts';
import { documentFormatOf } from '../records/documents/document-format.ts';
import type { Records } from '../records/records.ts';
import type { Log } from '../runtime/log.ts';
import { quietHoursEnd } from '../schedules/hours.ts';
import { nextBusinessDay, nextOpening, type TeamCalendar } from '../schedules/team-calendar.ts';

export interface ReloadableActivities {
  readonly pages: PageActivities;
  readonly notifications: NotificationActivities;
  /** Once no call is in progress. */
  close(): void;
}

export function reloadableActivities({
  source,
  ...settings
}: Omit<PortsSettings, 'config' | 'vendors'> & {
  readonly source: Pick<ConfigSource, 'current' | 'prepareOnReload'>;
}): ReloadableActivities {
  const made = reloadable(source, {
    create: (config) => {
      const vendors = new Vendors(config.vendors);
      const ports = createPorts({ ...settings, config, vendors });
      return { vendors, pages: createPageActivities(ports), notifications: createNotificationActivities(ports) };
    },
    end: ({ vendors }) => vendors.close(),
  });
  return {
    pages: forwardToCurrent(() => made.current().pages),
    notifications: forwardToCurrent(() => made.current().notifications),
    close: () => made.close(),
  };
}

/**
 * The same functions by name; each calls the current one, so a call in progress ends as it began and its retry uses the
 * new configuration.
 */
function forwardToCurrent<A extends object>(now: () => A): A {
  const names = Object.keys(now()) as (keyof A)[];
  const follow = (name: keyof A) => (request: unknown) => (now()[name] as (request: unknown) => unknown)(request);
  return Object.fromEntries(names.map((name) => [name, follow(name)])) as A;
}

export interface PortsSettings {
  readonly config: Config;
  readonly records: Records;
  /** Signs links. */
  readonly secret: string;
  /** The state directory: tickets are written there. */
  readonly home: string;
  readonly vendors: Vendors;
  readonly log: Log;
  readonly searchAttributes: Ports['searchAttributes'];
  readonly pageMetrics: PageMetrics;
}

export function createPorts(settings: PortsSettings): Ports {
  const { config, records, secret, vendors, log, searchAttributes, pageMetrics } = settings;
  const signer = createSigner(secret);
  const organization = organizationOf(settings);
  const { sources, evidence, stakeholders } = config;
  return {
    directory: createDirectory(config, vendors),
    calendars: createCalendars(config),
    alertSources: new Map(
      [...sources].flatMap(([name, { api }]) => {
        const source = api && vendors.alertSource(name, api);
        return source ? [[name, source] as const] : [];
      }),
    ),
    evidence: new Map([...evidence].map(([name, hook]) => [name, evidenceWebhook(hook)])),
    chat: vendors.chat(organization),
    statusPage: vendors.statusPage(organization),
    tickets: vendors.tickets(organization),
    stakeholders: { contacts: (name) => vendors.stakeholderContacts(stakeholders.get(name)?.contacts ?? []) },
    textSettings: textSettingsOf(config, (template, err) =>
      log.warn({ err, template }, 'a template could not be used: the built-in text was used instead'),
    ),
    records: { ...records, prepare: (incidentId) => records.prepare(incidentId, documentFormatOf(config)) },
    links: {
      incident: (incident) => signedIncidentUrl(config, signer, incident),
      incidentUnsigned: (workflowId) => incidentUrl(config, workflowId),
      runbook: (service) => (service === null ? null : (config.services.get(service)?.runbook ?? null)),
      acknowledge: (link) => `${config.publicUrl}/ack/${signer.sign(link)}`,
    },
    policyFor: (team, service) => policyFor(config, team, service),
    pageMetrics,
    timeZone: config.timeZone,
    searchAttributes,
  };
}

function organizationOf({ config, records, home, log }: PortsSettings): OrganizationSettings {
  const { organization, people, teams, timeZone, lastResort, statusPage, tickets } = config;
  return {
    timeZone,
    displayName: (person) => nameOf(config, person),
    targetOf: (person, kind) => people.get(person)?.contacts.find((contact) => contact.kind === kind)?.target ?? null,
    channelOf: (team) => teams.get(team)?.channel ?? null,
    releasesChannel: organization.releasesChannel,
    monitorUrl: lastResort.selfCheck?.pingUrl ?? null,
    publish: statusPage.builtin ? (entry) => records.publish(entry) : null,
    ticketDirectory: tickets.files ? join(home, 'tickets') : null,
    log,
  };
}

export function createDirectory(config: Config, vendors: Vendors): Directory {
  return {
    resolve: (name, teamId) => {
      const people = resolvePeople(config, name, teamId);
      return { isKnown: people !== null, people: people ?? [] };
    },
    contacts: (person) => vendors.contacts(contactSettingsOf(config, person)),
    displayName: (person) =>
      person.startsWith(PAGERDUTY_OWNER_PREFIX)
        ? `PagerDuty (${person.slice(PAGERDUTY_OWNER_PREFIX.length)})`
        : nameOf(config, person),
    quietUntil: (person, at) => {
      const found = config.people.get(person);
      return found?.quietHours ? quietHoursEnd(found.quietHours, found.timeZone, at) : null;
    },
  };
}

function nameOf({ people }: Config, person: string): string {
  return people.get(person)?.name ?? person;
}

export function createCalendars({ teams, timeZone }: Pick<Config, 'teams' | 'timeZone'>): Calendars {
  const usual: TeamCalendar = { hours: null, timeZone, holidays: null };
  const calendarOf = (team: string): TeamCalendar => teams.get(team)?.calendar ?? usual;
  // Holidays load slowly the first time: better now than during an incident.
  for (const { calendar } of teams.values()) nextBusinessDay(calendar, Date.now());
  return {
    audibleFrom: (team, at) => (calendarOf(team).hours === null ? at : nextOpening(calendarOf(team), at)),
    nextOpening: (team, at) => nextOpening(calendarOf(team), at),
    nextBusinessDay: (team, at) => nextBusinessDay(calendarOf(team), at),
    timeZone: (team) => calendarOf(team).timeZone,
  };
}

/** The configured templates, and what every message may name. */
export function textSettingsOf(config: Config, warn: TextSettings['warn']): TextSettings {
  const { organization, statusPage, publicUrl, templates } = config;
  const own = statusPage.builtin ? `${publicUrl}/status` : null;
  return { organization: organization.name, statusPage: statusPage.url ?? own, templates, warn };
}
