/** Takes the configuration that the file holds now, for this process: see config/config-source.ts. */
import { z } from 'zod';
import type { AppDeps } from '../dependencies.ts';
import { HttpProblem } from '../http/problem.ts';
import { defineRoute, type RouteResponse, type RouteRequest, type Route } from '../http/route.ts';
import { text } from './common-schemas.ts';

const lines = z.array(text);

const reloaded = z.looseObject({
  changed: lines.describe('sections of the file that differ from before; empty: nothing has changed'),
  digest: text.describe('the same on every process that has the same configuration'),
  warnings: lines,
  notYet: lines,
  needsRestart: lines.describe('changes that take effect only when this process restarts'),
  serves: z.array(z.enum(['server', 'worker'])).describe('what this process runs; reload the others separately'),
});

export function configReloadRoute(deps: AppDeps): Route {
  return defineRoute({
    method: 'POST',
    path: '/api/v1/config/reload',
    summary: 'Reload the configuration file; 422 with every mistake, and the last good configuration stays',
    access: 'admin',
    body: 'none',
    output: { 200: reloaded },
    audited: { command: 'config.reload' },
    handle: (incoming) => reload(deps, incoming),
  });
}

function reload({ reload: source }: AppDeps, { bearer, addAuditContext }: RouteRequest): RouteResponse {
  if (!source) throw new HttpProblem(404, 'there is no configuration to reload here');
  const result = source.reload(`token ${bearer?.name ?? ''}`);
  if (!result.applied) {
    const { problems, digest } = result;
    throw new HttpProblem(422, 'the new configuration is refused; the last good one is kept', {
      problems,
      members: { digest },
      reason: 'configuration',
    });
  }
  const { applied: _, notSupportedYet: notYet, ...changes } = result;
  addAuditContext?.({ changed: changes.changed.length > 0 });
  return { status: 200, json: { ...changes, notYet, serves: source.processes } };
}
