/** Takes the configuration that the file holds now, for this process: see config/config-source.ts. */
import type { AppDeps } from '../dependencies.ts';
import { HttpProblem } from '../http/problem.ts';
import type { RouteResponse, RouteRequest, Route } from '../http/route.ts';

export function configReloadRoute(deps: AppDeps): Route {
  return {
    method: 'POST',
    path: '/api/v1/config/reload',
    access: 'admin',
    body: 'none',
    audited: { command: 'config.reload' },
    handle: (incoming) => reload(deps, incoming),
  };
}

function reload({ reload: source }: AppDeps, { bearer, addAuditContext }: RouteRequest): RouteResponse {
  if (!source) throw new HttpProblem(404, 'there is no configuration to reload here');
  const result = source.reload(`token ${bearer?.name ?? ''}`);
  if (!result.applied) {
    const { problems, digest } = result;
    throw new HttpProblem(422, 'the new configuration is refused; the last good one is kept', {
      ...{ problems, members: { digest }, reason: 'configuration' },
    });
  }
  const { applied: _, ...changes } = result;
  addAuditContext?.({ changed: changes.changed.length > 0 });
  return { status: 200, json: { ...changes, serves: source.processes } };
}
