/** In whose name a request acts. */
import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { Config } from '../../../config/config.ts';
import type { Bearer } from '../../../webhook-server/security/people-auth.ts';
import { actorFor } from '../../../webhook-server/api/request-actor.ts';

const people = new Map([['bo', { id: 'bo', name: 'Bo Lind' }]]);
const names = { people, teams: new Map([['payments', {}]]), schedules: new Set(['weekends']) };
const deps = { config: () => names as unknown as Config, log: pino({ enabled: false }) };
const bearer = (over: Partial<Bearer>): Bearer => ({
  name: 'ci',
  person: null,
  role: 'responder',
  keyId: 'k',
  ...over,
});

test('a token bound to a person acts as that person; one bound to nobody says so', () => {
  expect(actorFor({ bearer: bearer({ person: 'bo' }) }, undefined, deps)).toEqual({ by: 'bo' });
  expect(actorFor({ bearer: bearer({}) }, undefined, deps)).toEqual({ by: 'ci', byToken: true });
});

test.each(['bo', 'BO', 'bo lind'])('a token called "%s" before that person came does not read as theirs', (name) => {
  expect(actorFor({ bearer: bearer({ name }) }, undefined, deps)).toEqual({ by: `${name} (token)`, byToken: true });
});

test.each(['payments', 'Payments', 'weekends', 'onCall', 'pagerduty:checkout'])(
  'a token called "%s", by which policies mean people, does not read as theirs',
  (name) => {
    expect(actorFor({ bearer: bearer({ name }) }, undefined, deps)).toEqual({ by: `${name} (token)`, byToken: true });
  },
);

test('an administrator acts for somebody whom the configuration has; a name is answered with the key', () => {
  const admin = { bearer: bearer({ role: 'admin' }) };
  expect(actorFor(admin, 'bo', deps)).toEqual({ by: 'bo' });
  const refused = (by: string): unknown => {
    try {
      return actorFor(admin, by, deps);
    } catch (error) {
      return (error as { extras: unknown }).extras;
    }
  };
  expect(refused('Bo Lind')).toMatchObject({ problems: [{ at: 'by', message: 'no such person; did you mean "bo"?' }] });
});
