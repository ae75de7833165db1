/** The configuration → what the activities need: who is who, and which vendor serves which need. */
import { join } from 'node:path';
import type { Chat, Ports, StatusPage, Tickets } from '../activities/ports.ts';
import type { Config } from '../config/config.ts';
import type { Log } from '../config/log.ts';
import { policyFor } from '../config/policy.ts';
import { createSigner } from '../config/signed-links.ts';
import { builtinStatusPage } from '../providers/builtin-status-page.ts';
import { logChat, logStatusPage } from '../providers/log.ts';
import { slackChat } from '../providers/slack/chat.ts';
import { atlassianStatuspage } from '../providers/statuspage.ts';
import { fileTickets } from '../providers/tickets/files.ts';
import { githubTickets } from '../providers/tickets/github.ts';
import type { Records } from '../records/records.ts';
import { createDirectory } from './directory.ts';
import { allChats, allPages, allTickets } from './together.ts';
import type { Vendors } from './vendors.ts';

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
  const { config, records, secret, vendors, searchable } = settings;
  const signer = createSigner(secret);
  const write = (text: string): void => void process.stdout.write(text);
  return {
    directory: createDirectory({ config, vendors, write }),
    chat: chatOf(settings),
    statusPage: statusPageOf(settings),
    tickets: ticketsOf(settings),
    records,
    links: {
      incident: (workflowId) => `${config.publicUrl}/incidents/${workflowId}`,
      acknowledge: (link) => `${config.publicUrl}/ack/${signer.sign(link)}`,
    },
    policyFor: (team, service) => policyFor(config, team, service),
    timeZone: config.timeZone,
    searchable,
  };
}

/** Every line goes to the log as well: nothing said is lost where no chat is configured. */
function chatOf({ config, vendors, log }: PortsSettings): Chat {
  const { organization, people, slack, teams, timeZone } = config;
  const logged = logChat((fields, message) => log.info(fields, message));
  if (vendors.slack === null) return logged;
  const chat = slackChat({
    client: vendors.slack,
    channelOf: (team) => teams.get(team)?.channel ?? slack?.channel ?? null,
    releasesChannel: organization.releasesChannel,
    memberOf: (person) => people.get(person)?.contacts.find(({ kind }) => kind === 'slack')?.target ?? null,
    timeZone,
    displayName: (person) => people.get(person)?.name ?? person,
  });
  return allChats([logged, chat]);
}

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
