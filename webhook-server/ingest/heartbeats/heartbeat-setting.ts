/** A heartbeat of the configuration as its workflow needs it: with what its silence declares. */
import type { Config } from '../../../config/config.ts';
import type { HeartbeatConfig } from '../../../config/sections/heartbeats.ts';
import { missedHeartbeatWorkflowIdFor } from '../../../config/correlation-key.ts';
import type { HeartbeatSetting } from '../../../domain/heartbeat/heartbeat.ts';
import { cachedPolicy } from '../declaration.ts';

export function heartbeatSettingOf(config: Config, heartbeat: HeartbeatConfig): HeartbeatSetting {
  const { name, everyMs, graceMs, team, severity, service } = heartbeat;
  return {
    ...{ name, everyMs, graceMs },
    declaration: {
      workflowId: missedHeartbeatWorkflowIdFor(team, name),
      // The workflow gives each silence one of its own, and says in the summary since when.
      incidentId: '',
      title: `${name} has fallen silent`,
      summary: '',
      ...{ severity, severityGuessed: false, team, service },
      component: service === null ? null : (config.services.get(service)?.component ?? null),
      ...{ source: 'heartbeat', declaredBy: null, declarerIsOnCall: false, test: false, restricted: false },
      policy: cachedPolicy(config, team, service),
      ...{ spooledAt: null, recurrenceOf: null },
    },
  };
}
