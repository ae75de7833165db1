/** The webhook contact against a server that keeps the promise of its key. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '../../../activities/ports.ts';
import { webhookContact } from '../../../providers/webhook/webhook.ts';
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
