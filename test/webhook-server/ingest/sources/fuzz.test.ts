/**
 * Each parser against anything at all: made-up JSON, JSON that looks like a message, and real messages with one part
 * replaced. Whatever comes: nothing is thrown, nothing is unbounded, and no alert is lost without a word.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { SourceName } from '../../../../config/sections/sources.ts';
import { toRoutedAlerts } from '../../../../webhook-server/ingest/route-and-group.ts';
import { genericParser } from '../../../../webhook-server/ingest/sources/generic.ts';
import { parserFor } from '../../../../webhook-server/ingest/sources/index.ts';
import {
  SUMMARY_LIMIT,
  TITLE_LIMIT,
  type Dropped,
  type ParseBody,
} from '../../../../webhook-server/ingest/sources/message.ts';
import { SET_LIMIT } from '../../../../webhook-server/ingest/sources/sanitize.ts';
import { configFromYaml } from '../../support/test-http-server.ts';

const NOW = Date.UTC(2026, 10, 21);
const FOLDER = join(import.meta.dirname, '../../../fixtures/webhooks');
const config = configFromYaml();
const RUNS = 120;

const parserOf = (source: SourceName): ParseBody => {
  const setting = config.sources.get(source);
  if (!setting) throw new Error(`${source} is not configured`);
  return parserFor(source, setting);
};
const mapped = genericParser({
  statusValues: new Map(),
  fields: new Map([
    ['key', 'ruleId'],
    ['title', 'ruleName'],
    ['status', 'state'],
    ['labels', 'tags'],
  ]),
});
const PARSERS: readonly (readonly [string, SourceName, ParseBody])[] = [
  ['alertmanager', 'alertmanager', parserOf('alertmanager')],
  ['grafana', 'grafana', parserOf('grafana')],
  ['generic', 'generic', parserOf('generic')],
  ['generic with fields', 'generic', mapped],
  ['pagerdutyEvents', 'pagerdutyEvents', parserOf('pagerdutyEvents')],
];

const samples = ['alertmanager', 'grafana', 'grafana-legacy', 'odd', 'pagerduty-events'].flatMap((kind) =>
  readdirSync(join(FOLDER, kind)).map((name) => readFileSync(join(FOLDER, kind, name), 'utf8')),
);

const words = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('firing', 'resolved', 'ok', 'no_data', 'critical', 'none', 'trigger', 'resolve', 'acknowledge'),
  fc.constantFrom('__proto__', 'constructor', 'toString', '\ud800', '\u202eevil', 'e\u0301', '', ' ', 'Watchdog'),
  fc.constantFrom('2026-01-05T08:00:00Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z', 'javascript:x', 'http://a/b'),
  fc.constant('x'.repeat(20_000)),
);
const NAMES = [
  ...['alerts', 'status', 'labels', 'annotations', 'startsAt', 'endsAt', 'fingerprint', 'groupKey', 'groupLabels'],
  ...[
    'commonAnnotations',
    'truncatedAlerts',
    'key',
    'title',
    'links',
    'severity',
    'ruleId',
    'ruleName',
    'state',
    'tags',
  ],
  ...['evalMatches', 'event_action', 'dedup_key', 'payload', 'summary', 'custom_details', 'images', 'alertname'],
];
const name = fc.oneof(fc.constantFrom(...NAMES), words);
/** As `JSON.parse` makes it: `__proto__` is a property like any other. */
const json = fc
  .letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      words,
      fc.double(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      tie('list'),
      tie('object'),
    ),
    list: fc.array(tie('any'), { maxLength: 5 }),
    object: fc.array(fc.tuple(name, tie('any')), { maxLength: 8 }).map((pairs) => Object.fromEntries(pairs)),
  }))
  .any.map((value) => JSON.parse(JSON.stringify(value)) as unknown);
const either = fc.oneof(json, words);
const set = fc.oneof(
  json,
  fc.array(fc.tuple(name, words), { maxLength: 8 }).map((pairs) => Object.fromEntries(pairs)),
);
/** Bodies with the right names and anything in them, of every source. */
const alert = fc.record(
  {
    status: either,
    labels: set,
    annotations: set,
    startsAt: either,
    endsAt: either,
    fingerprint: either,
    generatorURL: words,
  },
  { requiredKeys: [] },
);
const shaped = fc.oneof(
  fc.record(
    { alerts: fc.array(fc.oneof(alert, json), { maxLength: 6 }), groupKey: either, status: either, groupLabels: set },
    { requiredKeys: ['alerts'] },
  ),
  fc.record({ alerts: fc.array(alert, { maxLength: 6 }), truncatedAlerts: json, commonAnnotations: set }),
  fc.record({ key: words, status: fc.constantFrom('firing', 'resolved'), title: words, labels: set, annotations: set }),
  fc.record({ ruleId: either, ruleName: words, state: words, tags: set, message: words, evalMatches: json }),
  fc.record({
    event_action: fc.constantFrom('trigger', 'resolve', 'acknowledge'),
    dedup_key: words,
    payload: fc.oneof(json, fc.record({ summary: words, severity: words, source: words, custom_details: set })),
    links: json,
  }),
);
/** A real message in which one value, somewhere, is something else. */
const mutated = fc.tuple(fc.constantFrom(...samples), fc.nat(), json).map(([text, at, value]) => {
  const places: [Record<string, unknown>, string][] = [];
  const body = JSON.parse(text, function (this: Record<string, unknown>, key, found: unknown) {
    if (key !== '') places.push([this, key]);
    return found;
  }) as Record<string, unknown>;
  const [holder, key] = places[at % places.length] ?? [body, 'alerts'];
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
  return body;
});
const anything = fc.oneof(json, shaped, mutated, fc.array(mutated, { maxLength: 2 }));

const texts = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, item]) => [key, ...texts(item)])
      : [];
const sizeOf = (set: object): number => Object.entries(set).flat().join('').length;

describe.each(PARSERS)('%s', (_, source, parse) => {
  test('whatever is sent: no throw, sound text, bounded sizes, an answer about every alert', () => {
    const untouched = Object.getOwnPropertyNames(Object.prototype).length;
    fc.assert(
      fc.property(anything, (body) => {
        const read = parse(body, NOW);
        if ('problems' in read) {
          expect(read.problems.length).toBeGreaterThan(0);
          return;
        }
        const alerts = read.messages.flatMap((message) => message.alerts);
        for (const alert of alerts) {
          const said = texts({ ...alert, labels: { ...alert.labels }, annotations: { ...alert.annotations } });
          expect(said.every((text) => text.isWellFormed() && !text.includes('\0'))).toBe(true);
          expect(alert.title.length).toBeGreaterThan(0);
          expect(alert.title.length).toBeLessThanOrEqual(TITLE_LIMIT);
          expect(alert.fingerprint).toMatch(/^.{1,64}$/su);
          expect(Math.max(sizeOf(alert.labels), sizeOf(alert.annotations))).toBeLessThanOrEqual(SET_LIMIT + 1);
          expect([Object.getPrototypeOf(alert.labels), Number.isFinite(alert.startsAt)]).toEqual([null, true]);
          expect(alert.status === 'firing' ? alert.endsAt : (alert.endsAt ?? NaN) <= NOW).toBe(
            alert.status === 'firing' ? null : true,
          );
        }
        for (const { summary } of read.messages) expect((summary ?? '').length).toBeLessThanOrEqual(SUMMARY_LIMIT);
        lostNone(body, source, { alerts: alerts.length, ...countDropped(read.dropped) });
        const routedAlerts = toRoutedAlerts(read.messages, { config, source, receivedAt: NOW });
        for (const { declaration } of routedAlerts) expect(declaration.workflowId).toMatch(/^inc-[a-z0-9-]{1,60}$/);
        const reported = new Set(routedAlerts.flatMap((routed) => routed.alerts.map(({ fingerprint }) => fingerprint)));
        for (const { fingerprint, labels, title } of alerts) {
          // An event of PagerDuty names its alert by its summary alone.
          const isQuiet =
            ['Watchdog', 'InfoInhibitor'].includes(labels['alertname'] || title) ||
            /^\s*none\s*$/i.test(labels['severity'] ?? '');
          expect(isQuiet || reported.has(fingerprint)).toBe(true);
        }
      }),
      { numRuns: RUNS },
    );
    expect(Object.getOwnPropertyNames(Object.prototype).length).toBe(untouched);
    expect(({} as Record<string, unknown>)['severity']).toBeUndefined();
  });
});

const countDropped = (dropped: readonly Dropped[] = []) => {
  const count = (isCounted: (drop: Dropped) => boolean): number =>
    dropped.filter(isCounted).reduce((sum, drop) => sum + drop.count, 0);
  return { ignored: count(({ how }) => how !== 'malformed'), malformed: count(({ how }) => how === 'malformed') };
};

/** Every entry that was sent is an alert, or counted as what it is. */
function lostNone(body: unknown, source: SourceName, found: Record<'alerts' | 'ignored' | 'malformed', number>): void {
  const { alerts, ignored, malformed } = found;
  if (source === 'generic') {
    expect(alerts).toBe(Array.isArray(body) ? body.length : 1);
    return;
  }
  const listed = (body as { alerts?: unknown }).alerts;
  if (Array.isArray(listed) && source !== 'pagerdutyEvents') expect(alerts + malformed).toBe(listed.length);
  else expect(alerts + ignored).toBeGreaterThan(0);
}
