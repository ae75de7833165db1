/** What is said of a page that may make no noise yet. */
import { test, expect } from '@jest/globals';
import { policyFor } from '../../../../config/policy.ts';
import type { Severity } from '../../../../domain/kernel/severity.ts';
import { pagingPlan } from '../../../../webhook-server/api/explain/paging-plan.ts';
import { aDeclaration } from '../../../support/builders.ts';
import { configFromYaml } from '../../support/test-http-server.ts';

const YAML = `
people:
  ana: { name: Ana, contact: [{ webhook: "http://127.0.0.1:9911/ana" }, { email: ana@example.com }] }
  bo: { name: Bo, contact: [{ webhook: "http://127.0.0.1:9911/bo" }] }
teams:
  platform: { onCall: ana, escalation: [onCall, bo], hours: "mon-fri 09:00-17:00", timeZone: Europe/Berlin, holidays: DE-BE }
mail: { smtp: "smtp://127.0.0.1:2525", from: incidents@example.com }
routes: [{ team: platform }]
`;
/** A Thursday evening before Good Friday. */
const AT = Date.parse('2026-04-02T18:00:00Z');

function plan(severity: Severity) {
  const config = configFromYaml(YAML);
  const policy = policyFor(config, 'platform', null);
  if (policy === null) throw new Error('no such team');
  return pagingPlan(config, aDeclaration({ severity, policy }), AT).pages.filter(({ level }) => level > 0);
}

test('[PAGE-34] a SEV3 outside of the hours of the team: whom by which methods, until when, and what follows then', () => {
  const pages = plan('SEV3').map(({ at, level, people, quietUntil, skipped }) => ({
    ...{ at, level, quietUntil, skipped },
    methods: people.flatMap(({ person, methods }) => methods.map((method) => `${person} by ${method}`)),
  }));
  const OPEN = '2026-04-07T07:00:00.000Z';
  expect(pages).toEqual([
    { at: '2026-04-02T19:00:00.000Z', level: 1, methods: ['ana by email'], quietUntil: OPEN, skipped: [] },
    { at: OPEN, level: 1, methods: ['ana by webhook'], quietUntil: null, skipped: [] },
    { at: '2026-04-07T07:10:00.000Z', level: 1, methods: ['ana by email'], quietUntil: null, skipped: [] },
    { at: '2026-04-07T08:00:00.000Z', level: 2, methods: ['bo by webhook'], quietUntil: null, skipped: [] },
  ]);
});

test('[PAGE-34] a SEV2 at the same time is aloud', () => {
  expect(plan('SEV2').map(({ quietUntil }) => quietUntil)).toEqual(plan('SEV2').map(() => null));
});
