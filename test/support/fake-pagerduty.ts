/**
 * PagerDuty's Events API v2 for tests, made from its documentation: alarms by routing key and dedup key, what each
 * event did to them, and how often it rang. What the documentation does not allow is answered 400 and written down.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

export interface Alarm {
  readonly routingKey: string;
  readonly dedupKey: string;
  readonly state: 'triggered' | 'acknowledged' | 'resolved';
  /** Of the trigger that opened it. */
  readonly payload: Payload;
  readonly event: Event;
  /** Every event that reached it while it was open, in order. */
  readonly log: readonly Event['event_action'][];
}

export type PagerdutyFault =
  | { readonly kind: 'status'; readonly status: number }
  /** 429; without `retryAfter` (seconds) as the real one answers it. */
  | { readonly kind: 'busy'; readonly retryAfter?: number }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** As usual, this much later. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** Does what it was asked to and closes the connection before its answer. */
  | { readonly kind: 'accept-then-reset' }
  /** A web page with status 202; nothing is done. */
  | { readonly kind: 'malformed' };

export interface FakePagerduty {
  /** For `pagerduty.apiUrl`. */
  readonly url: string;
  /** In the order they were opened; one dedup key can have several, of which the last counts. */
  readonly alarms: readonly Alarm[];
  /** How often somebody's phone rang: once for each alarm opened. */
  readonly rings: number;
  /** Events that the documentation does not allow; a test that ends with any has failed. */
  readonly unexpected: readonly string[];
  setFault(setFault: PagerdutyFault | null): void;
  close(): Promise<void>;
}

const BODY_BYTES = 512_000;
const word = z
  .string()
  .min(1)
  .max(10_000)
  .refine((text) => text.isWellFormed(), 'half a character');
const address = z.url({ protocol: /^https?$/ });

const payload = z.strictObject({
  summary: word.max(1024),
  source: word,
  severity: z.enum(['critical', 'error', 'warning', 'info']),
  timestamp: z.iso.datetime().optional(),
  component: word.optional(),
  group: word.optional(),
  class: word.optional(),
  custom_details: z.record(z.string(), z.unknown()).optional(),
});
type Payload = z.infer<typeof payload>;

const event = z.discriminatedUnion('event_action', [
  z.strictObject({
    routing_key: word,
    event_action: z.literal('trigger'),
    dedup_key: word.max(255),
    payload,
    client: word.optional(),
    client_url: address.optional(),
    links: z.array(z.strictObject({ href: address, text: word.optional() })).optional(),
  }),
  z.strictObject({
    routing_key: word,
    event_action: z.enum(['acknowledge', 'resolve']),
    dedup_key: word.max(255),
  }),
]);
type Event = z.infer<typeof event>;

/** `routingKeys`: those of its services; any other is answered 400. */
export async function startFakePagerduty(routingKeys: readonly string[]): Promise<FakePagerduty> {
  const alarms: Alarm[] = [];
  const unexpected: string[] = [];
  let trouble: PagerdutyFault | null = null;
  const server = createServer((req, res) => {
    const now = trouble;
    void read(req).then((body) => {
      const answer = () => take(req, body, { routingKeys, alarms, unexpected });
      if (now === null) return send(res, answer());
      misbehave(now, req, res, answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    alarms,
    get rings() {
      return alarms.length;
    },
    unexpected,
    setFault: (next) => {
      trouble = next;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface House {
  readonly routingKeys: readonly string[];
  readonly alarms: Alarm[];
  readonly unexpected: string[];
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

function take(req: IncomingMessage, body: Buffer, house: House): Answer {
  const refuse = (status: number, why: string): Answer => {
    house.unexpected.push(why);
    return { status, body: { status: 'invalid event', message: 'Event object is invalid', errors: [why] } };
  };
  if (req.method !== 'POST' || req.url !== '/v2/enqueue') return refuse(404, `${req.method} ${req.url}`);
  if (!/^application\/json\b/.test(req.headers['content-type'] ?? '')) return refuse(415, 'not said to be JSON');
  if (body.length > BODY_BYTES) return refuse(413, `${body.length} bytes`);
  const parsed = event.safeParse(parse(body));
  if (!parsed.success) return refuse(400, z.prettifyError(parsed.error));
  if (!house.routingKeys.includes(parsed.data.routing_key)) return refuse(400, 'no service has this routing key');
  happen(house.alarms, parsed.data);
  const { dedup_key } = parsed.data;
  return { status: 202, body: { status: 'success', message: 'Event processed', dedup_key } };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return 'not JSON';
  }
}

/** An open alarm takes whatever comes; a resolved one nothing, so that a trigger opens the next and all else is dropped. */
function happen(alarms: Alarm[], come: Event): void {
  const { routing_key: routingKey, dedup_key: dedupKey, event_action: action } = come;
  const at = alarms.findLastIndex((alarm) => alarm.routingKey === routingKey && alarm.dedupKey === dedupKey);
  const found = alarms[at];
  if (found !== undefined && found.state !== 'resolved') {
    const state = action === 'trigger' ? found.state : action === 'acknowledge' ? 'acknowledged' : 'resolved';
    alarms[at] = { ...found, state, log: [...found.log, action] };
  } else if (come.event_action === 'trigger') {
    alarms.push({ routingKey, dedupKey, state: 'triggered', payload: come.payload, event: come, log: ['trigger'] });
  }
}

function misbehave(trouble: PagerdutyFault, req: IncomingMessage, res: ServerResponse, answer: () => Answer): void {
  switch (trouble.kind) {
    case 'status':
      return send(res, { status: trouble.status, body: { message: 'words of the vendor' } });
    case 'busy':
      if (trouble.retryAfter !== undefined) res.setHeader('retry-after', String(trouble.retryAfter));
      return send(res, { status: 429, body: { message: 'Rate limit exceeded' } });
    case 'hang':
      return;
    case 'slow':
      setTimeout(() => send(res, answer()), trouble.ms);
      return;
    case 'accept-then-reset':
      answer();
      req.socket.destroy();
      return;
    case 'malformed':
      res.writeHead(202, { 'content-type': 'text/html' }).end('<html>words of the vendor</html>');
  }
}

function send(res: ServerResponse, { status, body }: Answer): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function read(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
