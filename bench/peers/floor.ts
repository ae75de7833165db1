/** The floor: see `bench/floor/main.ts`. */
import path from 'node:path';
import { alertmanagerWebhook, type Peer } from '../peer.ts';

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
