/** What monitoring calls an alert → the runbook's severity, by label and by route. */
import { expect, test } from '@jest/globals';
import type { Config } from '../../../config/config.ts';
import type { Route } from '../../../config/sections/routes.ts';
import { routeAlert, routeEnd } from '../../../config/routing.ts';
import { severityOfLabel, type SeverityLabels } from '../../../config/sections/severity-labels.ts';
import type { Severity } from '../../../domain/kernel/severity.ts';
import { isMajor, isWorse, SEVERITIES, worstOf } from '../../../domain/kernel/severity.ts';

const DOCUMENTED: Readonly<Record<Severity, string>> = {
  SEV1: 'sev1 s1 sev0 s0 p0 p1 emergency disaster fatal blocker',
  SEV2: 'sev2 s2 critical crit page high error major urgent p2',
  SEV3: 'sev3 s3 warning warn medium average p3',
  SEV4: 'sev4 s4 info information informational minor low ticket p4 p5',
};

function configOf(over: Partial<Route>, severityLabels: SeverityLabels): Config {
  const route = {
    match: new Map(),
    team: 't',
    severity: null,
    maxSeverity: null,
    correlateBy: null,
    restricted: false,
  };
  return { routes: [{ ...route, ...over }], services: new Map(), severityLabels } as unknown as Config;
}

/** The severity that a route with `over` gives to an alert with this label. */
function routed(severity: string | undefined, over: Partial<Route> = {}, own: SeverityLabels = new Map()) {
  const found = routeAlert(configOf(over, own), severity === undefined ? {} : { severity });
  return found === 'no-incident' ? found : { severity: found.severity, guessed: found.guessed };
}

test.each(SEVERITIES)(
  '[SEV-2] every documented word for %s is read, in any case, with blanks or underscores',
  (severity) => {
    for (const word of DOCUMENTED[severity].split(' ')) {
      const spaced = word.split('').join(' ');
      for (const written of [word, word.toUpperCase(), ` ${word} `, spaced, spaced.replaceAll(' ', '_')]) {
        expect([written, severityOfLabel(written, new Map())]).toEqual([written, severity]);
      }
      expect(routed(word)).toEqual({ severity, guessed: false });
    }
  },
);

test.each([
  ['SEV-1', 'SEV1'],
  ['sev 1', 'SEV1'],
  ['SEV–0', 'SEV1'],
  ['Blocker', 'SEV1'],
  ['P-0', 'SEV1'],
  ['CRIT', 'SEV2'],
  ['Information', 'SEV4'],
  ['Sev.2', 'SEV2'],
  ['Urgent!', 'SEV2'],
  ['Ｐ１', 'SEV1'],
  ['Severity 1', 'SEV1'],
  ['Priority: 3', 'SEV3'],
  ['P1 - Critical', 'SEV1'],
  ['Severity: critical', 'SEV2'],
  ['low (P2)', 'SEV2'],
] as const)('[SEV-2] people’s spelling "%s" is %s', (label, severity) => {
  expect(routed(label)).toEqual({ severity, guessed: false });
});

test('[SEV-2] the file’s own words go before the built-in ones, in any spelling, and a route’s map before both', () => {
  const own: SeverityLabels = new Map([
    ['catastrophe', 'SEV1'],
    ['critical', 'SEV1'],
    ['chatter', 'none'],
  ]);
  expect(routed('Cata-Strophe', {}, own)).toEqual({ severity: 'SEV1', guessed: false });
  expect(routed('critical', {}, own)).toEqual({ severity: 'SEV1', guessed: false });
  expect(routed('CHATTER', {}, own)).toBe('no-incident');
  expect(routed('catastrophe', { severity: new Map([['catastrophe', 'SEV2']]) }, own)).toMatchObject({
    severity: 'SEV2',
  });
});

test('[SEV-3] an end is never dropped for its severity', () => {
  for (const severity of ['none', 'chatter', 'purple']) {
    const end = routeEnd(configOf({}, new Map([['chatter', 'none']])), { severity });
    expect(end.team).toBe('t');
  }
  expect(routeEnd(configOf({}, new Map()), { severity: 'none' })).toMatchObject({ severity: 'SEV4', guessed: false });
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
