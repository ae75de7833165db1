/** Sources: each one proves who it is, unless the server listens on loopback only. */
import { type Draft } from '../draft.ts';
import { type Finding } from '../problems.ts';
import { isLoopback } from '../environment.ts';
import { type Environment } from '../substitute.ts';

/** `env.HOST` is where the server listens; unset means loopback. */
export function checkSources({ rest }: Draft, env: Environment): readonly Finding[] {
  const { alertmanager, grafana, generic } = rest.sources ?? {};
  const loopback = isLoopback(env.HOST || '127.0.0.1');
  const open = Object.entries({ alertmanager, grafana, generic }).flatMap(([name, source]) =>
    source?.token === 'none' && !loopback
      ? [
          {
            path: ['sources', name, 'token'],
            message: `"none" is allowed on loopback only, and HOST is ${env.HOST ?? ''}: set a token`,
          },
        ]
      : [],
  );
  return [...open, ...checkGrafana(grafana)];
}

function checkGrafana(grafana: NonNullable<Draft['rest']['sources']>['grafana']): readonly Finding[] {
  if (!grafana) return [];
  const { token, hmacSecret, timestampHeader } = grafana;
  if (token === undefined && hmacSecret === undefined) {
    return [{ path: ['sources', 'grafana'], message: 'set token or hmacSecret (or token: none, on loopback)' }];
  }
  return timestampHeader !== undefined && hmacSecret === undefined
    ? [{ path: ['sources', 'grafana', 'timestampHeader'], message: 'it is signed by hmacSecret: set that too' }]
    : [];
}
