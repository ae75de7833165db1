/** `sources`: who may send alerts, and how each proves who it is. */
import { z } from 'zod';
import { baseUrl, mapOf, orNull, secret, strict, text, token } from '../../runtime/setting-schemas.ts';
import type { Section } from '../config.ts';
import { isLoopback } from '../environment.ts';
import { duration, durationOrZero, mapByWord } from '../primitives.ts';

export interface SourceSetting {
  /**
   * `null`: no token is asked for, because the file says `token: none` (on loopback only) or because Grafana signs
   * with `hmacSecret` alone, or because the credential is one of `routingKeys`.
   */
  readonly token: string | null;
  readonly hmacSecret: string | null;
  /** Header that carries the time a signature covers (Grafana); null: the signature covers the body alone. */
  readonly timestampHeader: string | null;
  readonly repeatIntervalMs: number;
  /** For how long after an end a firing with the same start may be a late copy by a cluster peer; 0: it never is. */
  readonly lateCopyMs: number;
  /** `generic` only: our field → dotted path in the sender's body. */
  readonly fields: ReadonlyMap<string, string>;
  /** `generic` only: the sender's words for a status, in their normal form. */
  readonly statusValues: ReadonlyMap<string, StatusMeaning>;
  /** `pagerdutyEvents` only, and never empty there. */
  readonly routingKeys: readonly RoutingKey[];
  /** `alertmanager` and `grafana`: where to ask what fires there; null: nowhere. */
  readonly api: SourceApi | null;
}

/** `ignored`: nothing follows from it. */
export type StatusMeaning = 'firing' | 'resolved' | 'ignored';

/** A credential of `pagerdutyEvents`, and what the file calls it; null where it stands in a list. */
export interface RoutingKey {
  readonly name: string | null;
  readonly key: string;
}

export interface SourceApi {
  /** Base URL, without a slash at the end. */
  readonly url: string;
  /** Sent as `Authorization: Bearer`; null: none. */
  readonly token: string | null;
}

/** `none` is for loopback only, which `complete` checks. */
const sourceToken = token.transform((given) => (given === 'none' ? null : given));

const repeatInterval = duration.prefault('4h');

const LATE_COPY_MS = 20_000;
/** Each peer of an Alertmanager cluster waits this long for the one before it (`--cluster.peer-timeout`). */
const PEER_TIMEOUT_MS = 15_000;
const PEER_SLACK_MS = 5000;

/** The last peer sends after all others' timeouts. */
function lateCopyMsOf(given: { readonly lateCopyWindow: number | null; readonly peers: number | null }): number {
  const { lateCopyWindow, peers } = given;
  if (lateCopyWindow !== null) return lateCopyWindow;
  return peers !== null && peers > 2 ? PEER_TIMEOUT_MS * (peers - 1) + PEER_SLACK_MS : LATE_COPY_MS;
}

const peerCount = z
  .int({ error: 'expected the number of Alertmanagers in the cluster, such as 3' })
  .min(1, 'expected at least 1')
  .max(20, 'expected at most 20');

const api = orNull(strict({ url: baseUrl, token: orNull(token) }));

const alertmanager = strict({
  token: sourceToken,
  repeatInterval,
  api,
  lateCopyWindow: orNull(durationOrZero),
  peers: orNull(peerCount),
}).transform(({ lateCopyWindow, peers, ...source }) => ({
  ...source,
  lateCopyMs: lateCopyMsOf({ lateCopyWindow, peers }),
}));

const grafana = strict({
  token: orNull(token),
  hmacSecret: orNull(secret),
  timestampHeader: orNull(text(100).regex(/^[A-Za-z0-9-]+$/, 'expected the name of a header')),
  repeatInterval,
  api,
})
  .superRefine(({ token: given, hmacSecret, timestampHeader }, context) => {
    if (context.issues.length > 0) return; // what is missing may only be misspelt
    const problem = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
    if (given === null && hmacSecret === null) problem([], 'set token or hmacSecret (or token: none, on loopback)');
    else if (timestampHeader !== null && hmacSecret === null)
      problem(['timestampHeader'], 'it is signed by hmacSecret: set that too');
  })
  .transform((source) => ({ ...source, token: source.token === 'none' ? null : source.token }));

const fieldPath = text(200)
  .regex(/^[^.\s]+(\.[^.\s]+)*$/, 'expected a dotted path such as incident.title')
  .optional();

/** Our field → where it is in the sender's body. */
const fields = strict({
  key: fieldPath,
  status: fieldPath,
  title: fieldPath,
  severity: fieldPath,
  labels: fieldPath,
  annotations: fieldPath,
  startsAt: fieldPath,
  endsAt: fieldPath,
  links: fieldPath,
})
  .prefault({})
  .transform((given) => new Map(Object.entries(given).flatMap(([ours, path]) => (path ? [[ours, path]] : []))));

/** The form in which a sender's words for a status are compared; `-1` is not `1`. */
export function normalStatus(word: string): string {
  const lower = word.trim().toLowerCase();
  return /^[-+]?\d+(\.\d+)?$/.test(lower) ? lower : lower.replace(/[^\p{L}\p{N}]+/gu, '') || lower;
}

const statusMeaning = z.enum(['firing', 'resolved', 'ignored'], { error: 'expected firing, resolved or ignored' });

/** What a sender's own values mean, by field. */
const values = strict({
  status: mapByWord(statusMeaning, {
    normal: normalStatus,
    expected: 'meanings by value, e.g. { 0: firing, 1: resolved }',
  }).prefault({}),
}).prefault({});

/** The key is the only proof of who sends, so there is at least one, and each names one integration. */
const routingKeys = z
  .union(
    [
      z.array(token).transform((keys) => keys.map((key): RoutingKey => ({ name: null, key }))),
      mapOf(text(200), token, 'routing keys by name').transform((keys) =>
        [...keys].map(([name, key]): RoutingKey => ({ name, key })),
      ),
    ],
    { error: 'expected a list of routing keys, or a mapping from names to them' },
  )
  .superRefine((keys, context) => {
    const problem = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    if (keys.length === 0) problem([], 'no key, so nobody could send anything: write at least one');
    keys.forEach(({ name, key }, index) => {
      const at = [name ?? index];
      const twin = keys.findIndex((other) => other.key === key);
      if (key === 'none') problem(at, '"none" is no key: senders always prove themselves here');
      else if (twin < index) problem(at, `the same key as ${keys[twin]?.name ?? twin}: give each its own`);
    });
  });

const KINDS = {
  alertmanager: alertmanager.optional(),
  grafana: grafana.optional(),
  generic: strict({ token: sourceToken, fields, values, repeatInterval })
    .transform(({ values: { status: statusValues }, ...source }) => ({ ...source, statusValues }))
    .optional(),
  pagerdutyEvents: strict({ routingKeys, repeatInterval }).optional(),
};

export type SourceName = keyof typeof KINDS;

const UNSET = {
  token: null,
  hmacSecret: null,
  timestampHeader: null,
  fields: new Map(),
  statusValues: new Map(),
  routingKeys: [],
  api: null,
  lateCopyMs: 0,
};

export const sourcesSection: Section<ReadonlyMap<SourceName, SourceSetting>> = {
  schema: strict(KINDS)
    .prefault({})
    .transform((given) => {
      const sources = Object.entries(given) as [SourceName, NonNullable<z.output<(typeof KINDS)[SourceName]>>][];
      return new Map(
        sources.map(([name, { repeatInterval: repeatIntervalMs, ...source }]) => [
          name,
          { ...UNSET, ...source, repeatIntervalMs },
        ]),
      );
    }),
  complete(sources, { env, isGiven }, report) {
    for (const [name, source] of sources) {
      if (source.token === null && isGiven('sources', name, 'token') && !isLoopback(env.HOST || '127.0.0.1')) {
        report([name, 'token'], `"none" is allowed on loopback only, and HOST is ${env.HOST ?? ''}: set a token`);
      }
    }
    return sources;
  },
  warnings: ({ size }) =>
    size > 0 ? [] : ['sources: none configured, so no alert can arrive; people can still declare'],
};
