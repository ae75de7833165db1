/** Who is on call, level by level. Without schedules it is what the configuration says, and holds until it changes. */
import { levelsOf } from '../../config/on-call.ts';
import type { AppDeps } from '../dependencies.ts';
import type { Route } from '../http/route.ts';

interface OnCallLevelJson {
  readonly team: string;
  /** From 1. */
  readonly level: number;
  readonly people: readonly string[];
  /** RFC 3339; null: no end is known. */
  readonly until: string | null;
}

export function onCallRoute({ config }: AppDeps): Route {
  return {
    method: 'GET',
    path: '/api/v1/oncall',
    access: 'viewer',
    body: 'none',
    handle: () => ({
      status: 200,
      json: {
        oncall: [...config().teams.values()].flatMap((team) =>
          levelsOf(config(), team).map((people, index): OnCallLevelJson => ({
            ...{ team: team.id, level: index + 1, people },
            until: null,
          })),
        ),
      },
    }),
  };
}
