/** The tests' Temporal server, with the settings to reach it and a way to freeze it. */
import { temporalSettings, type TemporalSettings } from '../../../runtime/temporal-connection.ts';
import { startTestTemporal } from '../../support/test-temporal.ts';

export interface FreezableTemporal {
  readonly settings: TemporalSettings;
  /** SIGSTOP: it accepts connections and never answers. */
  freeze(): void;
  thaw(): void;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** On the same file and port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startFreezableTemporal(): Promise<FreezableTemporal> {
  const server = await startTestTemporal();
  return {
    settings: temporalSettings({ address: server.address, namespace: 'default' }, {}),
    freeze: () => void process.kill(server.pid(), 'SIGSTOP'),
    thaw: () => void process.kill(server.pid(), 'SIGCONT'),
    kill: () => server.kill(),
    restart: () => server.restart(),
    stop: () => server.stop(),
  };
}
