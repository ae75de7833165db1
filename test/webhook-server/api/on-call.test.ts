/** `GET /api/v1/oncall`: who would be paged, level by level. */
import { loadConfig } from '../../../config/load.ts';
import { onCallRoute } from '../../../webhook-server/api/on-call.ts';
import type { AppDeps } from '../../../webhook-server/dependencies.ts';
import type { RouteRequest } from '../../../webhook-server/http/route.ts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const YAML = `
organization: Example
people:
  ana: { name: Ana, contact: [{ webhook: "http://127.0.0.1:9911/ana" }] }
  bo: { name: Bo, contact: [{ webhook: "http://127.0.0.1:9911/bo" }] }
teams:
  platform: { onCall: [ana, bo], escalation: [onCall, [bo, ana]] }
  data: { onCall: bo, escalation: [onCall] }
routes:
  - team: platform
`;

test('every team, every level, the people behind the names', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-oncall-'));
  writeFileSync(join(folder, 'tocsin.yaml'), YAML);
  const config = loadConfig({ path: join(folder, 'tocsin.yaml'), env: {} });
  rmSync(folder, { recursive: true });
  const answer = await onCallRoute({ config: () => config } as AppDeps).handle({} as RouteRequest);
  expect(answer).toEqual({
    status: 200,
    json: {
      oncall: [
        { team: 'platform', level: 1, people: ['ana', 'bo'], until: null },
        { team: 'platform', level: 2, people: ['bo', 'ana'], until: null },
        { team: 'data', level: 1, people: ['bo'], until: null },
      ],
    },
  });
});
