/** `/metrics` of a process that runs the worker alone. Beside a webhook server, that one's `/metrics` has them too. */
import { createServer } from 'node:http';
import type { Registry } from 'prom-client';
import { EXIT_UNAVAILABLE, ExitError } from '../runtime/process.ts';

export interface MetricsEndpoint {
  readonly port: number;
  close(): Promise<void>;
}

/** Throws `ExitError` (69) when the address is in use. `port` 0: any free one. */
export async function serveMetrics(registry: Registry, host: string, port: number): Promise<MetricsEndpoint> {
  const server = createServer((req, res) => {
    if (req.method !== 'GET' || req.url?.split('?')[0] !== '/metrics') {
      res.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => res.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => res.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(portTaken(error)));
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function portTaken(error: Error): ExitError {
  const remedy = 'set TOCSIN_METRICS_PORT and HOST to an address that is free.';
  return new ExitError(EXIT_UNAVAILABLE, `no metrics: ${error.message}`, remedy);
}
