/** The floor's Temporal server: the embedded one of `tocsin up`, started by the same function. */
import { createLog } from '../../runtime/log.ts';
import { startDevServer } from '../../embedded/dev-server.ts';
import { findTemporalCli } from '../../embedded/temporal-cli.ts';

export const NAMESPACE = 'default';

export async function startTemporal(place: { readonly home: string; readonly port: number; readonly uiPort: number }) {
  const cli = await findTemporalCli({ home: place.home, say: (line) => console.error(line), verbose: () => undefined });
  return startDevServer({ ...place, cli, namespace: NAMESPACE, log: createLog({ level: 'warn', file: null }) });
}
