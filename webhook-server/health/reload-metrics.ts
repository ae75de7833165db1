/** What `/metrics` tells of reloads: whether the last file that was offered holds. */
import { Gauge, type Registry } from 'prom-client';
import type { ConfigSource } from '../../config/config-source.ts';

export function registerReloadMetrics(source: Pick<ConfigSource, 'state'>, registry: Registry): void {
  const registers = [registry];
  new Gauge({
    name: 'tocsin_config_last_reload_successful',
    help: '0 while the file that was offered last is refused and an older configuration holds',
    registers,
    collect() {
      this.set(source.state().ok ? 1 : 0);
    },
  });
  new Gauge({
    name: 'tocsin_config_last_reload_success_timestamp_seconds',
    help: 'When the configuration was last read and found good',
    registers,
    collect() {
      this.set(source.state().appliedAt / 1000);
    },
  });
}
