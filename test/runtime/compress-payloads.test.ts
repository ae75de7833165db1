import { deflateSync } from 'node:zlib';
import type { Payload } from '@temporalio/common';
import { createCompression } from '../../runtime/data-converter.ts';

const codec = createCompression();
const json = (value: unknown): Payload => ({
  metadata: { encoding: new TextEncoder().encode('json/plain') },
  data: new TextEncoder().encode(JSON.stringify(value)),
});
const alerts = Array.from({ length: 2000 }, (_, n) => ({ fingerprint: `f${n}`, labels: { alertname: 'Zürich 🚨' } }));

test('a payload of a normal alert goes out byte for byte as it was', async () => {
  const payloads = [json({ alerts: alerts.slice(0, 10) }), { data: new Uint8Array(0) }, {}];
  expect(await codec.encode(payloads)).toBe(payloads);
  expect(await codec.decode(payloads)).toBe(payloads);
});

test('a large one shrinks and comes back whole, beside small ones and in order', async () => {
  const sent = [json('small'), json(alerts), json({})];
  const encoded = await codec.encode(sent);
  expect(encoded[0]).toBe(sent[0]);
  expect(encoded[1]?.data?.length).toBeLessThan((sent[1]?.data?.length ?? 0) / 5);
  const decoded = await codec.decode(encoded);
  expect(decoded.map(({ data }) => JSON.parse(new TextDecoder().decode(data ?? undefined)) as unknown)).toEqual([
    'small',
    alerts,
    {},
  ]);
  expect(decoded[1]?.metadata).toEqual(sent[1]?.metadata);
});

test('what cannot be made smaller is left alone', async () => {
  const noise = { ...json(null), data: new Uint8Array(Buffer.from(crypto.getRandomValues(new Uint8Array(50_000)))) };
  expect(await codec.encode([noise])).toEqual([noise]);
});

test('a payload that would fill the memory is refused, and so is a damaged one', async () => {
  const shrunk = (await codec.encode([json(alerts)]))[0] as Payload;
  const bomb = { ...shrunk, data: deflateSync(Buffer.alloc(65 * 1024 * 1024)) };
  const torn = { ...shrunk, data: shrunk.data?.subarray(0, 100) ?? null };
  const stripped = { ...shrunk, metadata: { encoding: shrunk.metadata?.['encoding'] as Uint8Array } };
  for (const bad of [bomb, torn, stripped]) await expect(codec.decode([bad])).rejects.toThrow(/compressed payload/);
});
