/** Sources: each one proves who it is, unless the server listens on loopback only. */
import { type ConfigDraft } from '../draft.ts';
import { type Finding } from '../config-problems.ts';
import { isLoopback } from '../environment.ts';
import { type ProcessEnv } from '../substitute.ts';

/** `env.HOST` is where the server listens; unset means loopback. */
export function checkSources({ otherSections, isBroken }: ConfigDraft, env: ProcessEnv): readonly Finding[] {
  const { alertmanager, grafana, generic, pagerdutyEvents } = otherSections.sources ?? {};
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
  return [
    ...open,
    ...(isBroken(['sources', 'grafana']) ? [] : checkGrafana(grafana)),
    ...(isBroken(['sources', 'pagerdutyEvents']) ? [] : checkRoutingKeys(pagerdutyEvents)),
  ];
}

function checkGrafana(grafana: NonNullable<ConfigDraft['otherSections']['sources']>['grafana']): readonly Finding[] {
  if (!grafana) return [];
  const { token, hmacSecret, timestampHeader } = grafana;
  if (token === undefined && hmacSecret === undefined) {
    return [{ path: ['sources', 'grafana'], message: 'set token or hmacSecret (or token: none, on loopback)' }];
  }
  return timestampHeader !== undefined && hmacSecret === undefined
    ? [{ path: ['sources', 'grafana', 'timestampHeader'], message: 'it is signed by hmacSecret: set that too' }]
    : [];
}

/** The key is the only proof of who sends, so there is at least one, and each names one integration. */
function checkRoutingKeys(
  source: NonNullable<ConfigDraft['otherSections']['sources']>['pagerdutyEvents'],
): readonly Finding[] {
  if (!source) return [];
  const path = ['sources', 'pagerdutyEvents', 'routingKeys'];
  const keys = Object.entries(source.routingKeys);
  if (keys.length === 0) return [{ path, message: 'no key, so nobody could send anything: write at least one' }];
  const isList = Array.isArray(source.routingKeys);
  return keys.flatMap(([name, key], index) => {
    const at = [...path, isList ? index : name];
    if (key === 'none') return [{ path: at, message: '"none" is no key: senders always prove themselves here' }];
    const twin = keys.findIndex(([, other]) => other === key);
    return twin < index ? [{ path: at, message: `the same key as ${keys[twin]?.[0] ?? ''}: give each its own` }] : [];
  });
}
