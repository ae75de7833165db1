/** The webhook contact against a server that keeps the promise of its key. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EvidenceCall, Page } from '../../../activities/ports.ts';
import { evidenceWebhook, webhookContact } from '../../../providers/webhook/webhook.ts';
import { describeProvider } from '../provider-contract.ts';
import { aPage } from '../provider-fixtures.ts';

const SECRET = 'hook-secret-4711';

/** A receiver that acts once for each key. */
async function startReceiver() {
  const pages = new Map<string, Page>();
  const unexpected: string[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const page = JSON.parse(Buffer.concat(chunks).toString()) as Page;
      const key = req.headers['idempotency-key'];
      if (req.method !== 'POST' || req.url !== `/hooks/${SECRET}` || key !== page.key) {
        unexpected.push(`${req.method} ${req.url} ${String(key)}`);
        res.writeHead(418).end();
        return;
      }
      pages.set(page.key, page);
      res.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pages,
    unexpected,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describeProvider(
  'webhook',
  async () => {
    const receiver = await startReceiver();
    return {
      url: receiver.url,
      secrets: [SECRET],
      provider: (url) => {
        const contact = webhookContact(`${url}/hooks/${SECRET}`, 'webhook');
        return (_again, signal) => contact.send(aPage(), signal);
      },
      effects: () => receiver.pages.size,
      unexpected: () => receiver.unexpected,
      close: receiver.close,
    };
  },
  { readsAnswer: false, token: false },
);

test('the whole page arrives as JSON, under its key', async () => {
  const receiver = await startReceiver();
  const page = aPage({ text: 'Grüße 🚨 <script>' });
  await webhookContact(`${receiver.url}/hooks/${SECRET}`, 'webhook').send(page, AbortSignal.timeout(5_000));
  await receiver.close();
  expect([...receiver.pages]).toEqual([[page.key, page]]);
  expect(receiver.unexpected).toEqual([]);
});

const TOKEN = 'evidence-token-4711';
const CALL: EvidenceCall = {
  key: 'E1/evidence/1/logs',
  incident: {
    ...{ reference: 'INC-2026-001', workflowId: 'inc-t-1', id: 'E1', severity: 'SEV1', title: 'Checkout fails' },
    ...{ team: 'platform', service: 'payments' },
  },
  from: '2026-11-21T12:00:00.000Z',
  to: '2026-11-21T13:00:00.000Z',
  url: 'https://tocsin.example/incidents/inc-t-1',
};

/** A receiver that keeps evidence once for each key, and only for whoever has the token. */
async function startKeeper() {
  const kept = new Map<string, EvidenceCall>();
  const unexpected: string[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as EvidenceCall;
      const { authorization, 'idempotency-key': key } = req.headers;
      if (req.method !== 'POST' || req.url !== '/keep' || key !== body.key || authorization !== `Bearer ${TOKEN}`) {
        unexpected.push(`${req.method} ${req.url} ${String(key)}`);
        res.writeHead(418).end();
        return;
      }
      kept.set(body.key, body);
      res.writeHead(202).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    kept,
    unexpected,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describeProvider(
  'evidence',
  async () => {
    const keeper = await startKeeper();
    return {
      url: keeper.url,
      secrets: [TOKEN],
      provider: (url) => {
        const hook = evidenceWebhook({ url: `${url}/keep`, token: TOKEN });
        return (_again, signal) => hook.gather(CALL, signal);
      },
      effects: () => keeper.kept.size,
      unexpected: () => keeper.unexpected,
      close: keeper.close,
    };
  },
  { readsAnswer: false, token: false },
);

test('[CARE-1] the hook hears what it was, from when until when, and nothing else', async () => {
  const keeper = await startKeeper();
  try {
    await evidenceWebhook({ url: `${keeper.url}/keep`, token: TOKEN }).gather(CALL, AbortSignal.timeout(5_000));
    expect([...keeper.kept.values()]).toEqual([CALL]);
  } finally {
    await keeper.close();
  }
});
