/** Takes the configuration that the file holds now, for this process: see config/config-source.ts. */
import type { AppDeps } from '../deps.ts';
import { HttpProblem } from '../http/problem.ts';
import type { Answer, Incoming, Route } from '../http/route.ts';

export function reloadRoute(deps: AppDeps): Route {
  return {
    method: 'POST',
    path: '/api/v1/config/reload',
    access: 'admin',
    body: 'none',
    audited: { command: 'config.reload' },
    handle: (incoming) => reload(deps, incoming),
  };
}

function reload({ reload: source }: AppDeps, { bearer, noted }: Incoming): Answer {
  if (!source) throw new HttpProblem(404, 'there is no configuration to reload here');
  const result = source.reload(`token ${bearer?.name ?? ''}`);
  if (!result.taken) {
    const { problems, digest } = result;
    throw new HttpProblem(422, 'the new configuration is refused; the last good one is kept', {
      ...{ problems, members: { digest }, reason: 'configuration' },
    });
  }
  const { taken: _, ...news } = result;
  noted?.({ changed: news.changed.length > 0 });
  return { status: 200, json: { ...news, serves: source.serves } };
}
