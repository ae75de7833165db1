/** Tocsin as `tocsin up` runs it: one process and its Temporal server, with every voice on unless `plain`. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { alertmanagerWebhook, type Peer, type PeerPaths } from '../peer.ts';

const TOKEN = 'bench-token';
const ADMIN_TOKEN = 'bench-admin-token';
const PROGRAM = path.resolve('bin/tocsin.js');

/** Headers for reading the API. */
export const TOCSIN_READS = { authorization: `Bearer ${ADMIN_TOKEN}` } as const;

/** Where the peer keeps its state: records can be put there before it starts. */
export const tocsinHome = ({ home }: Pick<PeerPaths, 'home'>): string => path.join(home, 'state');

/** The part of a webhook contact's page that is read here. */
interface TocsinPage {
  readonly key: string;
  readonly kind: string;
  readonly incident?: { readonly title?: string };
  readonly incidents?: readonly { readonly title?: string }[];
}

/** `storms`: with the settings for storms and bundling as shipped, instead of none. */
export function tocsin({ plain, storms = false }: { readonly plain: boolean; readonly storms?: boolean }): Peer {
  return {
    name: 'tocsin',
    unavailable: () => (existsSync(PROGRAM) ? null : `${PROGRAM} is missing`),
    launch: (place) => {
      const config = path.join(place.home, 'tocsin.yaml');
      writeFileSync(config, configuration(place, { plain, storms }));
      return {
        command: process.execPath,
        args: [PROGRAM, 'up'],
        env: {
          NODE_ENV: 'production',
          PORT: String(place.port),
          TOCSIN_HOME: tocsinHome(place),
          TOCSIN_CONFIG: config,
          TOCSIN_TEMPORAL_PORT: String(place.temporalPort),
          TOCSIN_TEMPORAL_UI_PORT: String(place.temporalUiPort),
          TOCSIN_ADMIN_TOKEN: ADMIN_TOKEN,
          ALERTMANAGER_TOKEN: TOKEN,
          SLACK_BOT_TOKEN: 'xoxb-bench',
          ...(place.databaseUrl === undefined ? {} : { DATABASE_URL: place.databaseUrl }),
        },
      };
    },
    readyPath: '/readyz',
    // Pages wait for no database, so the server is ready long before a new one has been made.
    settled: { path: '/api/v1/incidents?limit=1', headers: TOCSIN_READS },
    request: (alert) => ({
      path: '/webhooks/alertmanager',
      headers: { authorization: `Bearer ${TOKEN}` },
      body: alertmanagerWebhook(alert),
    }),
    readPage: (body, headers) => {
      const page = JSON.parse(body) as TocsinPage;
      if (page.kind !== 'page') return { alerts: [], key: null };
      const titles = [page.incident, ...(page.incidents ?? [])].flatMap((incident) => incident?.title ?? []);
      const alerts = titles.flatMap((title) => /k[\w-]+-\d+/.exec(title)?.[0] ?? []);
      return { alerts: [...new Set(alerts)], key: headers['idempotency-key']?.toString() ?? page.key };
    },
  };
}

interface Setup {
  readonly plain: boolean;
  readonly storms: boolean;
}

function configuration({ sinkPort, slackPort, port }: PeerPaths, { plain, storms }: Setup): string {
  const template = readFileSync(path.resolve('bench/tocsin.bench.yaml'), 'utf8')
    .replaceAll(':18090', `:${sinkPort}`)
    .replaceAll(':18092', `:${slackPort}`)
    .replaceAll(':18200', `:${port}`);
  const withStormSettings = storms ? asShipped(template) : template;
  return plain ? withoutNotificationProviders(withStormSettings) : withStormSettings;
}

function asShipped(template: string): string {
  const { storm: _storm, paging: _paging, ...rest } = parse(template) as Template;
  return stringify(rest);
}

/** The records stay: they have no switch. Eve is reached by mail only, so she goes with it. */
function withoutNotificationProviders(template: string): string {
  const { chat: _chat, mail: _mail, people, ...rest } = parse(template) as Template;
  const { eve: _eve, ...reached } = people;
  const off = { organization: 'Bench', tickets: { files: false }, statusPage: { builtin: false } };
  return stringify({ ...rest, ...off, people: reached });
}

interface Template extends Readonly<Record<string, unknown>> {
  readonly people: Readonly<Record<string, unknown>>;
}
