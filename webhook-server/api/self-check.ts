/** The self-check's own two addresses: see self-check/door.ts. Nobody else is admitted. */
import type { AppDeps } from '../dependencies.ts';
import { HttpProblem, invalidRequest } from '../http/problem.ts';
import type { RouteRequest, Route } from '../http/route.ts';
import type { SelfCheckEndpoint } from '../health/self-check-endpoint.ts';

export function selfCheckRoutes({ selfCheck }: AppDeps): readonly Route[] {
  const own = {
    ...({ method: 'POST', access: 'own', body: 'json' } as const),
    admits: (req: RouteRequest['req']) => selfCheck?.admits(req) ?? false,
  };
  return [
    {
      ...own,
      path: '/webhooks/self-check',
      handle: async ({ body, receivedAt }) => {
        const check = checkOf(body);
        await orRetryLater(endpointOf(selfCheck).begin(check, receivedAt));
        return { status: 202, json: { check } };
      },
    },
    {
      ...own,
      path: '/webhooks/self-check/acknowledge',
      handle: async ({ body }) => {
        const check = checkOf(body);
        await orRetryLater(endpointOf(selfCheck).acknowledge(check));
        return { status: 200, json: { check } };
      },
    },
  ];
}

function endpointOf(endpoint: SelfCheckEndpoint | undefined): SelfCheckEndpoint {
  if (endpoint) return endpoint;
  throw new HttpProblem(404, 'there is no self-check here');
}

function checkOf(body: unknown): string {
  const check = typeof body === 'object' && body !== null && 'check' in body ? body.check : null;
  if (typeof check === 'string' && /^[0-9A-Z]{26}$/.test(check)) return check;
  throw invalidRequest([{ at: 'check', message: 'expected a ULID' }]);
}

/** Whoever asks tries again until its time is over. */
async function orRetryLater(work: Promise<void>): Promise<void> {
  await work.catch(() => {
    throw new HttpProblem(503, 'not yet: ask again', { headers: { 'Retry-After': '1' }, reason: 'unavailable' });
  });
}
