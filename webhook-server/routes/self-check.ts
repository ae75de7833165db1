/** The self-check's own two addresses: see self-check/door.ts. Nobody else is admitted. */
import type { AppDeps } from '../deps.ts';
import { HttpProblem, invalid } from '../http/problem.ts';
import type { Incoming, Route } from '../http/route.ts';
import type { SelfCheckDoor } from '../self-check/door.ts';

export function selfCheckRoutes({ selfCheck }: AppDeps): readonly Route[] {
  const own = {
    ...({ method: 'POST', access: 'own', body: 'json' } as const),
    admits: (req: Incoming['req']) => selfCheck?.admits(req) ?? false,
  };
  return [
    {
      ...own,
      path: '/webhooks/self-check',
      handle: async ({ body, receivedAt }) => {
        const check = checkOf(body);
        await orAgain(doorOf(selfCheck).begin(check, receivedAt));
        return { status: 202, json: { check } };
      },
    },
    {
      ...own,
      path: '/webhooks/self-check/acknowledge',
      handle: async ({ body }) => {
        const check = checkOf(body);
        await orAgain(doorOf(selfCheck).acknowledge(check));
        return { status: 200, json: { check } };
      },
    },
  ];
}

function doorOf(door: SelfCheckDoor | undefined): SelfCheckDoor {
  if (door) return door;
  throw new HttpProblem(404, 'there is no self-check here');
}

function checkOf(body: unknown): string {
  const check = typeof body === 'object' && body !== null && 'check' in body ? body.check : null;
  if (typeof check === 'string' && /^[0-9A-Z]{26}$/.test(check)) return check;
  throw invalid([{ at: 'check', message: 'expected a ULID' }]);
}

/** Whoever asks tries again until its time is over. */
async function orAgain(work: Promise<void>): Promise<void> {
  await work.catch(() => {
    throw new HttpProblem(503, 'not yet: ask again', { headers: { 'Retry-After': '1' }, reason: 'unavailable' });
  });
}
