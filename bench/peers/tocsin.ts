/** Tocsin as `tocsin up` runs it: one process and its Temporal server. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { alertmanagerWebhook, type Peer } from '../peer.ts';

const TOKEN = 'bench-token';
const PROGRAM = path.resolve('bin/tocsin.js');

/** The part of a webhook contact's page that is read here. */
interface TocsinPage {
  readonly key: string;
  readonly kind: string;
  readonly incident?: { readonly title?: string };
  readonly incidents?: readonly { readonly title?: string }[];
}

export const tocsin: Peer = {
  name: 'tocsin',
  unavailable: () => (existsSync(PROGRAM) ? null : `${PROGRAM} is missing`),
  launch: (place) => {
    const config = path.join(place.home, 'tocsin.yaml');
    const template = readFileSync(path.resolve('bench/tocsin.bench.yaml'), 'utf8');
    writeFileSync(config, template.replaceAll(':18090', `:${place.sinkPort}`).replaceAll(':18200', `:${place.port}`));
    return {
      command: process.execPath,
      args: [PROGRAM, 'up'],
      env: {
        NODE_ENV: 'production',
        PORT: String(place.port),
        TOCSIN_HOME: path.join(place.home, 'state'),
        TOCSIN_CONFIG: config,
        TOCSIN_TEMPORAL_PORT: String(place.temporalPort),
        TOCSIN_TEMPORAL_UI_PORT: String(place.temporalUiPort),
        ALERTMANAGER_TOKEN: TOKEN,
      },
    };
  },
  readyPath: '/readyz',
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
