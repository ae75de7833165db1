/** Prometheus Alertmanager: the bound without durability. It acknowledges and notifies from memory. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { benchLabels, type Peer } from '../peer.ts';

/** Debian's name first, then the project's own. */
const PROGRAMS = ['prometheus-alertmanager', 'alertmanager'];
const onPath = (): string | undefined => PROGRAMS.find((name) => spawnSync(name, ['--version']).status === 0);

interface Notification {
  readonly alerts: readonly { readonly status: string; readonly labels: { readonly alertname: string } }[];
}

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
