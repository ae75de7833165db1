import { afterAll, beforeAll, test } from '@jest/globals';
import type { World } from '../support/story.ts';
import { createWorld, story } from '../support/story.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
}, 120_000);
afterAll(() => world.close());
test('x', async () => {
  await story(world, {}, async ({ env, workflowId, say, alerts, pass, view }) => {
    const dump = async (w: string, id: string) => {
      const { events } = await env.client.workflow.getHandle(id).fetchHistory();
      process.stderr.write(w + '\n' + (events ?? []).map((e) => `${e.eventId} ${e.eventType} ${Object.keys(e).filter(k=>k.endsWith('Attributes')).map(k=>k+' '+JSON.stringify((e as never)[k]).slice(0,150))}`).join('\n') + '\n');
    };
    const mark = (x: string) => process.stderr.write('MARK ' + x + ' ' + Date.now() + '\n');
    await say({ type: 'acknowledge' });
    await say({ type: 'resolve', resolution: 'done' });
    await pass(25);
    await alerts({ status: 'resolved' });
    await pass(6);
    const id = `aftercare-${(await view()).episode}`;
    setTimeout(() => void dump('aftercare', id).then(() => dump('incident', workflowId)), 9000);
    mark('a');
    await env.client.workflow.getHandle(id).executeUpdate('reopen', { args: [{ by: 'ana', reason: 'x' }] });
    mark('b');
    await view();
    mark('c');
    await say({ type: 'resolve', resolution: 'done' });
    mark('d');
  });
}, 30_000);
