/** Connecting: what the environment says, and how long to be patient. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectClient, connectNative, temporalSettings } from '../../runtime/temporal-connection.ts';

test('address, namespace and key come from TEMPORAL_*; the embedded server’s own address wins', () => {
  const env = { TEMPORAL_ADDRESS: 'temporal.example:7233', TEMPORAL_NAMESPACE: 'ops', TEMPORAL_API_KEY: 'k' };
  const settings = temporalSettings({}, env);
  expect(settings).toMatchObject({
    address: 'temporal.example:7233',
    namespace: 'ops',
    options: { apiKey: 'k', tls: true },
  });
  expect(temporalSettings({ address: '127.0.0.1:1' }, env)).toMatchObject({
    address: '127.0.0.1:1',
    options: { address: '127.0.0.1:1' },
  });
});

test('with nothing said it is Temporal’s own default', () => {
  const nothing = { TEMPORAL_CONFIG_FILE: '/nonexistent' };
  expect(temporalSettings({}, nothing)).toMatchObject({ address: 'localhost:7233', namespace: 'default' });
});

test('a server that is not there is asked again until the time is over, saying so each time', async () => {
  const reasons: string[] = [];
  const settings = temporalSettings({ address: '127.0.0.1:1' }, {});
  const connecting = connectNative(settings, { withinMs: 900, onWait: ({ reason }) => reasons.push(reason) });
  await expect(connecting).rejects.toThrow(/127\.0\.0\.1:1 did not answer within 900 ms/);
  expect(reasons.length).toBeGreaterThan(1);
});

test('a server that accepts and never answers does not hold the start for ever', async () => {
  const sockets: Socket[] = [];
  const mute = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const { port } = mute.address() as AddressInfo;
  const settings = temporalSettings({ address: `127.0.0.1:${port}` }, {});
  await expect(connectNative(settings, { withinMs: 1000 })).rejects.toThrow(/did not answer/);
  mute.close();
  for (const socket of sockets) socket.destroy();
}, 20_000);

test('the connection is closed while a call waits for its next attempt: the call fails, and the process goes on', async () => {
  const { client, close } = connectClient(temporalSettings({ address: '127.0.0.1:1' }, {}));
  const calls = Array.from({ length: 20 }, () => client.workflow.getHandle('nobody').describe());
  const ended = Promise.allSettled(calls);
  await sleep(250);
  await close();
  const outcomes = await ended;
  expect(outcomes.map(({ status }) => status)).toEqual(calls.map(() => 'rejected'));
});
