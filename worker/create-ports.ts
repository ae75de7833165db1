/** The configuration → what the activities need: who is who, and which vendor serves which need. */
import { join } from 'node:path';
import type { Chat, Ports, StatusPage, Tickets } from '../activities/ports.ts';
import type { Config } from '../config/config.ts';
import type { Log } from '../runtime/log.ts';
import { policyFor } from '../config/policy-for.ts';
import { createSigner } from '../config/signed-links.ts';
import { alertmanagerApi } from '../providers/alertmanager/alertmanager-api.ts';
import { builtinStatusPage } from '../providers/builtin-status-page/builtin-status-page.ts';
import { evidenceWebhook } from '../providers/evidence-webhook/evidence-webhook.ts';
import { grafanaApi } from '../providers/grafana/grafana-api.ts';
import { stakeholderUpdateBook } from '../providers/stakeholder-updates.ts';
import { logChat, logStatusPage } from '../providers/log/log.ts';
import { slackChat } from '../providers/slack/chat.ts';
import { externalMonitor } from '../providers/external-monitor/external-monitor.ts';
import { atlassianStatuspage } from '../providers/statuspage/statuspage.ts';
import { fileTickets } from '../providers/ticket-files/ticket-files.ts';
import { githubTickets } from '../providers/github/github-tickets.ts';
import type { Vendors } from '../providers/vendors.ts';
import { documentFormatOf } from '../records/documents/document-format.ts';
import type { Records } from '../records/records.ts';
import { createCalendars } from './calendars.ts';
import { createDirectory } from './directory.ts';
import { combineChats, combineStatusPages, combineTickets } from './combine-providers.ts';
import { incidentUrl, textSettingsOf } from './text-settings.ts';

export interface PortsSettings {
  readonly config: Config;
  readonly records: Records;
  /** Signs acknowledge links. */
  readonly secret: string;
  /** The state directory: tickets are written there. */
  readonly home: string;
  readonly vendors: Vendors;
  readonly log: Log;
  readonly searchable: () => boolean;
}

export function createPorts(settings: PortsSettings): Ports {
  const { config, records, secret, vendors, log, searchable } = settings;
  const signer = createSigner(secret);
  const write = (text: string): void => void process.stdout.write(text);
  return {
    directory: createDirectory({ config, vendors, write }),
    calendars: createCalendars(config),
    alertSources: alertSourcesOf(config),
    evidence: new Map([...config.evidence].map(([name, hook]) => [name, evidenceWebhook(hook)])),
    chat: chatOf(settings),
    statusPage: statusPageOf(settings),
    tickets: ticketsOf(settings),
    stakeholders: stakeholderUpdateBook({ config, vendors }),
    textSettings: textSettingsOf(config, (template, err) =>
      log.warn({ err, template }, 'a template could not be used: the built-in words were'),
    ),
    records: { ...records, prepare: (incidentId) => records.prepare(incidentId, documentFormatOf(config)) },
    links: {
      incident: (workflowId) => incidentUrl(config, workflowId),
      acknowledge: (link) => `${config.publicUrl}/ack/${signer.sign(link)}`,
    },
    policyFor: (team, service) => policyFor(config, team, service),
    timeZone: config.timeZone,
    searchable,
  };
}

function alertSourcesOf({ sources }: Config): Ports['alertSources'] {
  const alertmanager = sources.get('alertmanager')?.api;
  const grafana = sources.get('grafana')?.api;
  return new Map([
    ...(alertmanager ? [['alertmanager', alertmanagerApi(alertmanager)] as const] : []),
    ...(grafana ? [['grafana', grafanaApi(grafana)] as const] : []),
  ]);
}

/** Every line goes to the log as well: nothing said is lost where no chat is configured. */
function chatOf({ config, vendors, log }: PortsSettings): Chat {
  const { organization, people, slack, teams, timeZone, lastResort } = config;
  const logged = logChat((fields, message) => log.info(fields, message));
  const monitorUrl = lastResort?.pingUrl ?? null;
  const alwaysOn = [logged, ...(monitorUrl === null ? [] : [externalMonitor(monitorUrl, logMissedPing(log))])];
  if (vendors.slack === null) return combineChats(alwaysOn);
  const chat = slackChat({
    client: vendors.slack,
    channelOf: (team) => teams.get(team)?.channel ?? slack?.channel ?? null,
    releasesChannel: organization.releasesChannel,
    memberOf: (person) => people.get(person)?.contacts.find(({ kind }) => kind === 'slack')?.target ?? null,
    timeZone,
    displayName: (person) => people.get(person)?.name ?? person,
  });
  return combineChats([...alwaysOn, chat]);
}

const logMissedPing =
  (log: Log) =>
  (err: unknown): void =>
    log.warn({ err }, 'the monitor outside did not hear that a chain is exhausted');

function statusPageOf({ config, records, log }: PortsSettings): StatusPage {
  const { builtin, statuspage } = config.statusPage;
  return combineStatusPages([
    logStatusPage((fields, message) => log.info(fields, message)),
    ...(builtin ? [builtinStatusPage((entry) => records.publish(entry))] : []),
    ...(statuspage ? [atlassianStatuspage({ ...statuspage, timeZone: config.timeZone })] : []),
  ]);
}

function ticketsOf({ config, home }: PortsSettings): Tickets {
  const { files, github } = config.tickets;
  return combineTickets([
    ...(files ? [fileTickets({ directory: join(home, 'tickets') })] : []),
    ...(github ? [githubTickets(github)] : []),
  ]);
}
