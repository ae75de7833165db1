/** `heartbeats`: what must check in regularly; a missed one opens an incident. */
import type { z } from 'zod';
import type { Severity } from '../../domain/kernel/severity.ts';
import { id, mapOf, orNull, strict, text, token } from '../../runtime/setting-schemas.ts';
import type { Report, Section } from '../config.ts';
import type { ConfigDraft } from '../draft.ts';
import { isLoopback } from '../environment.ts';
import { duration, severity } from '../primitives.ts';
import { checkServiceName, checkTeamName } from './services.ts';

export interface HeartbeatConfig {
  readonly name: string;
  readonly everyMs: number;
  readonly graceMs: number;
  readonly team: string;
  readonly severity: Severity;
  readonly service: string | null;
  /** Who may send it: a sender with its token, any configured source, or (on loopback) anybody. */
  readonly credential: { readonly token: string } | 'any-source' | 'none';
}

const heartbeat = strict({
  every: duration,
  /** Defaults to `every`. */
  grace: orNull(duration),
  /** Defaults to the default route's. */
  team: orNull(id),
  severity: severity.default('SEV2'),
  service: orNull(text(200)),
  token: orNull(token),
});

type HeartbeatParsed = z.output<typeof heartbeat>;

export const heartbeatsSection: Section<ReadonlyMap<string, HeartbeatConfig>, ReadonlyMap<string, HeartbeatParsed>> = {
  schema: mapOf(id, heartbeat, 'heartbeats, e.g. Watchdog: { every: 5m }').prefault({}),
  complete: (heartbeats, draft, report) =>
    new Map(
      [...heartbeats].map(([name, parsed]) => {
        checkHeartbeat(name, parsed, draft, report);
        const { every, grace, team, severity: level, service, token: own } = parsed;
        const credential = own === null ? 'any-source' : own === 'none' ? 'none' : { token: own };
        const defaultTeam = draft.sections.routes?.at(-1)?.team ?? '';
        const lengths = { everyMs: every, graceMs: grace ?? every };
        return [name, { name, ...lengths, team: team ?? defaultTeam, severity: level, service, credential }];
      }),
    ),
};

function checkHeartbeat(
  name: string,
  { team, service, token: own }: HeartbeatParsed,
  draft: ConfigDraft,
  report: Report,
): void {
  const { sections, env, isBroken } = draft;
  if (team !== null) checkTeamName(team, draft, report, [name, 'team']);
  if (service !== null) checkServiceName(service, draft, report, [name, 'service']);
  if (own === 'none' && !isLoopback(env.HOST || '127.0.0.1')) {
    report([name, 'token'], `"none" is allowed on loopback only, and HOST is ${env.HOST ?? ''}: set a token`);
  }
  const isDoubtful = isBroken('sources') || isBroken('heartbeats', name);
  if (own === null && !sections.sources?.size && !isDoubtful) {
    report([name], 'nobody could beat: set a token here, or configure a source with one');
  }
}
