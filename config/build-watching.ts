/** Heartbeats and the last resort of a checked draft, in the configuration's own shape. */
import { type Config, type ContactSetting, type HeartbeatConfig, type LastResort } from './config.ts';
import { FALLBACK_PAGING_AFTER_MS, SELF_CHECK_EVERY_MS } from './defaults.ts';
import { type ConfigDraft } from './draft.ts';
import { type ContactInput, type HeartbeatsInput, type LastResortInput } from './schema/config-file.ts';

type ToContacts = (contact: ContactInput) => readonly ContactSetting[];

/** `defaultTeam`: of the route that takes what no other takes. */
export function toHeartbeatsAndLastResort(
  { heartbeats, lastResort }: ConfigDraft['otherSections'],
  { defaultTeam, toContacts }: { readonly defaultTeam: string; readonly toContacts: ToContacts },
): Pick<Config, 'heartbeats' | 'lastResort' | 'fallbackPagingAfterMs'> {
  return {
    heartbeats: new Map(
      Object.entries(heartbeats ?? {}).map(([name, given]) => [name, toHeartbeat(name, given, defaultTeam)]),
    ),
    lastResort: toLastResort(lastResort, toContacts),
    fallbackPagingAfterMs: toFallbackPaging(lastResort),
  };
}

function toHeartbeat(name: string, given: NonNullable<HeartbeatsInput>[string], defaultTeam: string): HeartbeatConfig {
  const { every, grace, team, severity, service, token } = given;
  return {
    name,
    everyMs: every,
    graceMs: grace ?? every,
    team: team ?? defaultTeam,
    severity: severity ?? 'SEV2',
    service: service ?? null,
    credential: token === undefined ? 'any-source' : token === 'none' ? 'none' : { token },
  };
}

function toLastResort(given: LastResortInput, toContacts: ToContacts): LastResort | null {
  if (given === 'off') return null;
  const { heartbeat, every, contact = [] } = given ?? {};
  return {
    pingUrl: heartbeat ?? null,
    everyMs: every ?? SELF_CHECK_EVERY_MS,
    contacts: contact.flatMap(toContacts),
  };
}

function toFallbackPaging(given: LastResortInput): number | null {
  if (given === 'off') return null;
  return given?.after === undefined ? FALLBACK_PAGING_AFTER_MS : given.after;
}
