/** What monitoring calls an alert → the runbook's severity, by label and by route. */
import { expect, test } from '@jest/globals';
import type { Config } from '../../../config/config.ts';
import type { Route } from '../../../config/sections/routes.ts';
import { routeAlert, severityOfLabel } from '../../../config/routing.ts';
import type { Severity } from '../../../domain/kernel/severity.ts';
import { isMajor, isWorse, SEVERITIES, worstOf } from '../../../domain/kernel/severity.ts';

const DOCUMENTED: Readonly<Record<Severity, string>> = {
  SEV1: 'sev1 emergency disaster fatal',
  SEV2: 'sev2 critical page p1 high error major p2',
  SEV3: 'sev3 warning warn medium average p3',
  SEV4: 'sev4 info minor low ticket p4 p5',
};

/** The severity that a route with `over` gives to an alert with this label. */
function routed(severity: string | undefined, over: Partial<Route> = {}) {
  const route = {
    match: new Map(),
    team: 't',
    severity: null,
    maxSeverity: null,
    correlateBy: null,
    restricted: false,
  };
  const config = { routes: [{ ...route, ...over }], services: new Map() } as unknown as Config;
  const found = routeAlert(config, severity === undefined ? {} : { severity });
  return found === 'no-incident' ? found : { severity: found.severity, guessed: found.guessed };
}

test.each(SEVERITIES)('[SEV-2] every documented word for %s is read, in any case', (severity) => {
  for (const word of DOCUMENTED[severity].split(' ')) {
    for (const written of [word, word.toUpperCase(), ` ${word} `]) expect(severityOfLabel(written)).toBe(severity);
    expect(routed(word)).toEqual({ severity, guessed: false });
  }
});

test('[SEV-3] the label none opens no incident, whatever the route lifts', () => {
  expect(routed('none')).toBe('no-incident');
  expect(routed('None', { severity: 'SEV1' })).toBe('no-incident');
});

test('[SEV-4] an absent or unknown label is a guessed SEV3', () => {
  for (const label of [undefined, '', 'purple', '__proto__']) {
    expect(routed(label)).toEqual({ severity: 'SEV3', guessed: true });
  }
});

test('[SEV-5] a route lifts what pages already, or has no label; never a warning, and it lowers nothing', () => {
  expect(routed('critical', { severity: 'SEV1' })).toEqual({ severity: 'SEV1', guessed: false });
  expect(routed(undefined, { severity: 'SEV1' })).toEqual({ severity: 'SEV1', guessed: false });
  expect(routed('warning', { severity: 'SEV1' })).toEqual({ severity: 'SEV3', guessed: false });
  expect(routed('info', { severity: 'SEV2' })).toEqual({ severity: 'SEV4', guessed: false });
  expect(routed('fatal', { severity: 'SEV2' })).toEqual({ severity: 'SEV1', guessed: false });
});

test('[SEV-6] a route’s map goes before the words, and nothing exceeds its worst severity', () => {
  const severity = new Map<string, Severity>([['warning', 'SEV2']]);
  expect(routed('Warning', { severity })).toEqual({ severity: 'SEV2', guessed: false });
  expect(routed('info', { severity })).toEqual({ severity: 'SEV4', guessed: false });
  expect(routed('fatal', { maxSeverity: 'SEV3' })).toEqual({ severity: 'SEV3', guessed: false });
  expect(routed('warning', { severity, maxSeverity: 'SEV3' })).toEqual({ severity: 'SEV3', guessed: false });
  expect(routed('info', { maxSeverity: 'SEV3' })).toEqual({ severity: 'SEV4', guessed: false });
});

test('SEV1 is the worst, and SEV1 and SEV2 page at declaration', () => {
  expect(SEVERITIES.filter(isMajor)).toEqual(['SEV1', 'SEV2']);
  expect(worstOf(['SEV3', 'SEV2', 'SEV4'])).toBe('SEV2');
  expect(worstOf([])).toBeNull();
  for (const [i, a] of SEVERITIES.entries()) {
    for (const [j, b] of SEVERITIES.entries()) expect(isWorse(a, b)).toBe(i < j);
  }
});
