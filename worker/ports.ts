/** The configuration → what the activities need: who is who, and which vendor serves which need. */
import { join } from 'node:path';
import type { Chat, Ports, StatusPage, Tickets } from '../activities/ports.ts';
import type { Config } from '../config/config.ts';
import type { Log } from '../config/log.ts';
import { policyFor } from '../config/policy.ts';
import { createSigner } from '../config/signed-links.ts';
import { alertmanagerApi } from '../providers/alertmanager-api.ts';
import { builtinStatusPage } from '../providers/builtin-status-page.ts';
import { evidenceWebhook } from '../providers/evidence.ts';
import { grafanaApi } from '../providers/grafana-api.ts';
import { stakeholderUpdateBook } from '../providers/stakeholder-updates.ts';
import { logChat, logStatusPage } from '../providers/log.ts';
import { slackChat } from '../providers/slack/chat.ts';
import { outsideMonitor } from '../providers/outside-monitor.ts';
import { atlassianStatuspage } from '../providers/statuspage.ts';
import { fileTickets } from '../providers/tickets/files.ts';
import { githubTickets } from '../providers/tickets/github.ts';
import type { Vendors } from '../providers/vendors.ts';
import { tellingOf } from '../records/documents/telling.ts';
import type { Records } from '../records/records.ts';
import { createCalendars } from './calendars.ts';
import { createDirectory } from './directory.ts';
import { allChats, allPages, allTickets } from './together.ts';
import { incidentUrl, wordingOf } from './wording.ts';

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
    wording: wordingOf(config, (template, err) =>
      log.warn({ err, template }, 'a template could not be used: the built-in words were'),
    ),
    records: { ...records, prepare: (incidentId) => records.prepare(incidentId, tellingOf(config)) },
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
  const heard = [logged, ...(monitorUrl === null ? [] : [outsideMonitor(monitorUrl, missed(log))])];
  if (vendors.slack === null) return allChats(heard);
  const chat = slackChat({
    client: vendors.slack,
    channelOf: (team) => teams.get(team)?.channel ?? slack?.channel ?? null,
    releasesChannel: organization.releasesChannel,
    memberOf: (person) => people.get(person)?.contacts.find(({ kind }) => kind === 'slack')?.target ?? null,
    timeZone,
    displayName: (person) => people.get(person)?.name ?? person,
  });
  return allChats([...heard, chat]);
}

const missed =
  (log: Log) =>
  (err: unknown): void =>
    log.warn({ err }, 'the monitor outside did not hear that a chain is exhausted');

function statusPageOf({ config, records, log }: PortsSettings): StatusPage {
  const { builtin, statuspage } = config.statusPage;
  return allPages([
    logStatusPage((fields, message) => log.info(fields, message)),
    ...(builtin ? [builtinStatusPage((entry) => records.publish(entry))] : []),
    ...(statuspage ? [atlassianStatuspage({ ...statuspage, timeZone: config.timeZone })] : []),
  ]);
}

function ticketsOf({ config, home }: PortsSettings): Tickets {
  const { files, github } = config.tickets;
  return allTickets([
    ...(files ? [fileTickets({ directory: join(home, 'tickets') })] : []),
    ...(github ? [githubTickets(github)] : []),
  ]);
}
