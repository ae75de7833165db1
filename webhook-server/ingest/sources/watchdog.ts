/**
 * Alerts by which monitoring watches itself. A dead man's switch always fires, so an incident opens when it stops: it
 * feeds the heartbeat that has its name. `InfoInhibitor` exists to inhibit others. None of them ever opens an incident
 * itself.
 */
import type { Config } from '../../../config/config.ts';
import type { HeartbeatConfig } from '../../../config/sections/heartbeats.ts';
import type { SourceMessage, RawAlert } from './message.ts';

type NamedAlert = Pick<RawAlert, 'labels' | 'title'>;

/** One message's report of an alert that must never stop firing. */
export interface WatchdogBeat {
  /** Of the heartbeat. */
  readonly name: string;
  /** When the message arrived, epoch ms. */
  readonly at: number;
  /** Only `firing` counts as a beat. */
  readonly status: RawAlert['status'];
}

/** `Dead man's switch` and `DeadMansSwitch` are one name. */
const normalName = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');

/** The names under which the rules of the common collections have them; `DeadMansSwitchMissing` is not one. */
const DEAD_MANS_SWITCH =
  /^(prometheus|alertmanager|e2e|vmalert|victoriametrics|thanos|mimir|cortex|grafana)*(watchdog|deadmans?(switch|snitch)|alwaysfiring)$/;

const INHIBITOR = 'infoinhibitor';

/** Many senders have no label for it. */
const nameOf = ({ labels, title }: NamedAlert): string => labels['alertname'] || title;

/** Why an alert that only serves monitoring itself opens no incident; null for all others. */
export function selfMonitoringReason(alert: NamedAlert, config: Pick<Config, 'heartbeats'>): string | null {
  const heartbeat = heartbeatFedBy(alert, config);
  if (heartbeat !== null) return `it only feeds the heartbeat ${heartbeat}`;
  const name = normalName(nameOf(alert));
  if (DEAD_MANS_SWITCH.test(name)) return "a dead man's switch always fires, and no heartbeat has its name";
  return name === INHIBITOR ? 'InfoInhibitor only inhibits other alerts' : null;
}

/** At most one for each heartbeat: of several watchdogs in one message, one that fires is enough. */
export function watchdogBeats(
  messages: readonly SourceMessage[],
  { config, receivedAt }: { readonly config: Pick<Config, 'heartbeats'>; readonly receivedAt: number },
): readonly WatchdogBeat[] {
  const beats = new Map<string, WatchdogBeat>();
  for (const alert of messages.flatMap(({ alerts }) => alerts)) {
    const name = heartbeatFedBy(alert, config);
    if (name === null || beats.get(name)?.status === 'firing') continue;
    beats.set(name, { name, at: receivedAt, status: alert.status });
  }
  return [...beats.values()];
}

/** The heartbeat with the alert's name, in any spelling; null: none. */
function heartbeatFedBy(alert: NamedAlert, { heartbeats }: Pick<Config, 'heartbeats'>): string | null {
  if (heartbeats.size === 0) return null;
  const name = nameOf(alert);
  const exact = heartbeats.get(name);
  const heartbeat = exact ?? [...heartbeats.values()].find((each) => normalName(each.name) === normalName(name));
  return heartbeat !== undefined && isFedByAlerts(heartbeat) ? heartbeat.name : null;
}

/**
 * Where a job alone has the token for `backup`, an alert of that name is about the backup, and pages. What is called a
 * dead man's switch is one, whoever else may feed it.
 */
function isFedByAlerts({ name, credential }: HeartbeatConfig): boolean {
  return typeof credential === 'string' || DEAD_MANS_SWITCH.test(normalName(name));
}
