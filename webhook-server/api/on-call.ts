/** Who is on call, level by level. Without schedules the configuration decides. */
import { z } from 'zod';
import { levelsOf } from '../../config/policy.ts';
import type { AppDeps } from '../dependencies.ts';
import { defineRoute, type Route } from '../http/route.ts';
import { count, nullable, text, time } from './common-schemas.ts';

const onCallLevel = z.looseObject({
  team: text,
  level: count.describe('from 1'),
  people: z.array(text).readonly(),
  until: nullable(time).describe('null: no end is known'),
});

export function onCallRoute({ config }: AppDeps): Route {
  return defineRoute({
    method: 'GET',
    path: '/api/v1/oncall',
    summary: 'Who is on call, level by level',
    access: 'viewer',
    body: 'none',
    output: { 200: z.looseObject({ oncall: z.array(onCallLevel) }) },
    handle: () => ({ status: 200, json: { oncall: onCallLevels(config()) } }),
  });
}

function onCallLevels(config: ReturnType<AppDeps['config']>): readonly z.input<typeof onCallLevel>[] {
  return [...config.teams.values()].flatMap((team) =>
    levelsOf(config, team).map((people, index) => ({ team: team.id, level: index + 1, people, until: null })),
  );
}
