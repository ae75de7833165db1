/** Tocsin as `tocsin up` runs it: one process and its Temporal server, with every voice on unless `plain`. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { alertmanagerWebhook, benchLabels, type Peer, type PeerPaths } from './peer.ts';

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

/** Where the launcher put the compiled floor. */
const built = (): string => process.env.BENCH_BUILD ?? '';

export const floor: Peer = {
  name: 'floor',
  unavailable: () => (built() === '' ? 'start the benchmark with `npm run bench`, which builds the floor' : null),
  launch: (place) => ({
    command: process.execPath,
    args: [path.join(built(), 'floor.js')],
    env: {
      NODE_ENV: 'production',
      PORT: String(place.port),
      FLOOR_HOME: place.home,
      FLOOR_SINK: `http://127.0.0.1:${place.sinkPort}/floor`,
      FLOOR_BUNDLE: path.join(built(), 'floor-workflows.js'),
      FLOOR_TEMPORAL_PORT: String(place.temporalPort),
      FLOOR_TEMPORAL_UI_PORT: String(place.temporalUiPort),
    },
  }),
  readyPath: '/readyz',
  request: (alert) => ({ path: '/webhooks/alertmanager', body: alertmanagerWebhook(alert) }),
  readPage: (body, headers) => ({
    alerts: [(JSON.parse(body) as { title: string }).title],
    key: headers['idempotency-key']?.toString() ?? null,
  }),
};

/** Debian's name first, then the project's own. */
const PROGRAMS = ['prometheus-alertmanager', 'alertmanager'];
const onPath = (): string | undefined => PROGRAMS.find((name) => spawnSync(name, ['--version']).status === 0);

interface Notification {
  readonly alerts: readonly { readonly status: string; readonly labels: { readonly alertname: string } }[];
}

/** Prometheus Alertmanager is the bound without durability: it acknowledges and notifies from memory. */
export const alertmanager: Peer = {
  name: 'alertmanager',
  unavailable: () => (onPath() === undefined ? `neither ${PROGRAMS.join(' nor ')} is on the PATH` : null),
  launch: (place) => {
    const config = path.join(place.home, 'alertmanager.yml');
    const template = readFileSync(path.resolve('bench/alertmanager/alertmanager.yml'), 'utf8');
    writeFileSync(config, template.replaceAll(':18090', `:${place.sinkPort}`));
    return {
      command: onPath() ?? PROGRAMS[0] ?? '',
      args: [
        `--config.file=${config}`,
        `--storage.path=${path.join(place.home, 'data')}`,
        `--web.listen-address=127.0.0.1:${place.port}`,
        '--cluster.listen-address=',
        '--log.level=error',
      ],
      env: {},
    };
  },
  readyPath: '/-/ready',
  request: (alert) => ({
    path: '/api/v2/alerts',
    body: [
      {
        labels: benchLabels(alert),
        annotations: { summary: `bench ${alert}` },
        generatorURL: 'http://127.0.0.1/g',
      },
    ],
  }),
  readPage: (body) => {
    const firing = (JSON.parse(body) as Notification).alerts.filter(({ status }) => status === 'firing');
    return { alerts: firing.map(({ labels }) => labels.alertname), key: null };
  },
};
