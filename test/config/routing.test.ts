import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { globCovers, globMatches } from '../../config/glob.ts';
import { loadConfig } from '../../config/load.ts';
import { routeAlert, type Routing } from '../../config/routing.ts';
import { severityOfLabel } from '../../config/sections/severity-labels.ts';

function configured(routes: string): Config {
  const path = join(mkdtempSync(join(tmpdir(), 'tocsin-routes-')), 'tocsin.yaml');
  const head = 'people: { ana: { contact: [terminal] } }\nteams: { a: { onCall: ana }, b: { onCall: ana } }\n';
  const services = 'services: { payments: { team: a, component: Checkout } }\n';
  writeFileSync(path, `${head}${services}routes:\n${routes}`);
  return loadConfig({ path, env: {} });
}
const routed = (routes: string, labels: Record<string, string>): Routing => {
  const routing = routeAlert(configured(routes), labels);
  if (routing === 'no-incident') throw new Error('expected an incident');
  return routing;
};

describe('severity labels', () => {
  test('without own words: anything that is not one of the words is nothing', () => {
    const unknown = [undefined, '', ' - ', 'Not classified', '\u0441ritical', 'constructor', '__proto__', 'severity'];
    unknown.push('not-critical', 'P00', 'none / low', 'p 1 of 5');
    expect(unknown.map((label) => severityOfLabel(label, new Map()))).toEqual(unknown.map(() => null));
  });

  test('severityLabels and the keys of a route’s map are read in any spelling', () => {
    const routes =
      '  - { team: a, severity: { "sev 7": SEV1 } }\nseverityLabels: { Cata-strophe: SEV1, chatter: none }\n';
    const severityOf = (severity: string) => {
      const found = routeAlert(configured(routes), { severity });
      return found === 'no-incident' ? found : found.severity;
    };
    expect(['CATASTROPHE', 'Chatter', 'SEV-7', 'crit'].map(severityOf)).toEqual([
      'SEV1',
      'no-incident',
      'SEV1',
      'SEV2',
    ]);
  });
});

describe('where an alert goes', () => {
  test('the first route that matches takes it, by exact value or glob', () => {
    const routes = '  - { match: { env: "prod-*", service: payments }, team: a }\n  - { team: b }\n';
    expect(routed(routes, { env: 'prod-eu', service: 'payments' })).toMatchObject({ team: 'a', route: 0 });
    expect(routed(routes, { env: 'prod-eu' })).toMatchObject({ team: 'b', route: 1 });
    expect(routed(routes, { env: 'xprod-eu', service: 'payments' })).toMatchObject({ team: 'b' });
  });

  test('an absent label is matched by the empty pattern only', () => {
    const routes = '  - { match: { env: "" }, team: a }\n  - { match: { env: "*" }, team: b }\n  - { team: a }\n';
    expect(routed(routes, {}).route).toBe(0);
    expect(routed(routes, { env: 'x' }).route).toBe(1);
  });

  test('labels may be a map or a plain object, and no label is mistaken for a property', () => {
    const routes = '  - { match: { constructor: "*" }, team: a }\n  - { team: b }\n';
    expect(routed(routes, {}).team).toBe('b');
    expect(routeAlert(configured(routes), new Map([['constructor', 'x']]))).toMatchObject({ team: 'a' });
    expect(routed('  - { team: b }\n', { service: 'constructor' }).service).toBeNull();
  });

  test('a known service brings the word the public knows', () => {
    const routes = '  - { team: b, correlateBy: [service], restricted: true }\n';
    expect(routed(routes, { service: 'payments' })).toEqual({
      team: 'b',
      service: 'payments',
      component: 'Checkout',
      severity: 'SEV3',
      guessed: true,
      correlateBy: ['service'],
      restricted: true,
      route: 0,
    });
  });
});

describe('how bad it is', () => {
  const severity = (route: string, label?: string): string => {
    const found = routeAlert(configured(`  - { team: a${route} }\n`), label === undefined ? {} : { severity: label });
    return found === 'no-incident' ? found : `${found.severity}${found.guessed ? ' guessed' : ''}`;
  };
  test.each([
    ['', undefined, 'SEV3 guessed'],
    ['', 'odd', 'SEV3 guessed'],
    ['', 'critical', 'SEV2'],
    ['', 'none', 'no-incident'],
    [', severity: SEV1', 'critical', 'SEV1'],
    [', severity: SEV1', 'warning', 'SEV3'],
    [', severity: SEV1', undefined, 'SEV1'],
    [', severity: SEV1', 'odd', 'SEV1'],
    [', severity: SEV1', 'none', 'no-incident'],
    [', severity: SEV3', 'fatal', 'SEV1'],
    [', severity: { Critical: SEV1, none: SEV4 }', 'CRITICAL', 'SEV1'],
    [', severity: { critical: SEV1, none: SEV4 }', 'none', 'SEV4'],
    [', severity: { critical: SEV1 }', 'page', 'SEV2'],
    [', severity: { critical: SEV1 }', undefined, 'SEV3 guessed'],
    [', maxSeverity: SEV3', 'critical', 'SEV3'],
    [', severity: SEV1, maxSeverity: SEV2', 'critical', 'SEV2'],
    [', maxSeverity: SEV3', 'info', 'SEV4'],
  ])('route {%s} with the label %s: %s', (route, label, expected) => {
    expect(severity(route, label)).toBe(expected);
  });
});

describe('globs', () => {
  test.each([
    ['a*c', 'abbbc', true],
    ['a*c', 'abbb', false],
    ['a?c', 'abc', true],
    ['a?c', 'a😀c', true],
    ['*', '', true],
    ['a\\*c', 'a*c', true],
    ['a\\*c', 'abc', false],
    ['*a*b', 'xaxbxb', true],
    ['(a+)+$', '(a+)+$', true],
    ['db', 'adbx', false],
  ])('%s on %s: %s', (pattern, text, expected) => expect(globMatches(pattern, text)).toBe(expected));

  test('a pattern made to explode does not', () => {
    const before = Date.now();
    expect(globMatches('*a'.repeat(100) + 'b', 'a'.repeat(20_000))).toBe(false);
    expect(Date.now() - before).toBeLessThan(2000);
  });

  test.each([
    ['db-*', 'db-prod-*', true],
    ['db-*', 'db-1', true],
    ['db-?', 'db-*', false],
    ['*', '?', true],
    ['?', '*', false],
    ['a*', '*a', false],
  ])('%s covers %s: %s', (wide, narrow, expected) => expect(globCovers(wide, narrow)).toBe(expected));
});
