import { createClient } from '../../bench/client.ts';
import { measureLatency, measureStorm } from '../../bench/load.ts';
import { startSink, type ReceivedPage, type Sink } from '../../bench/stand-ins.ts';

const read = (body: string): ReceivedPage => JSON.parse(body) as ReceivedPage;

/** A peer that pages straight away: the alert's own POST is its page. */
const echo = (sink: Sink) => ({
  port: sink.port,
  sink,
  request: (alert: string) => ({ path: '/', body: { alerts: [alert], key: alert } }),
});

let sink: Sink;
beforeEach(async () => {
  sink = await startSink(read);
});
afterEach(() => sink.close());

describe('the page sink', () => {
  test('counts a repeat under one key as a repeat and another key as a second page', async () => {
    const client = createClient(sink.port, 1);
    const page = (key: string) => client.send({ path: '/', body: { alerts: ['a'], key } });
    await page('one');
    const first = sink.firstPageAt.get('a');
    await page('one');
    expect([sink.repeats(), sink.pagesOf.get('a')]).toEqual([1, 1]);
    await page('two');
    expect([sink.repeats(), sink.pagesOf.get('a')]).toEqual([1, 2]);
    expect(sink.firstPageAt.get('a')).toBe(first);
    client.close();
  });
});

describe('the loads', () => {
  test('latency sees every alert it sent', async () => {
    const result = await measureLatency(echo(sink), { prefix: 'l', n: 5, gapMs: [0, 2] });
    expect(result).toMatchObject({ refused: 0, unpaged: 0, page: { n: 5 }, ack: { n: 5 } });
  });

  test('a storm pages every alert once', async () => {
    const result = await measureStorm(echo(sink), { prefix: 's', n: 50, connections: 8 });
    expect(result).toMatchObject({ acked: 50, unpaged: 0, doubled: 0, repeats: 0, errors: {} });
  });
});
