/**
 * The configuration after loading: checked, defaults filled in, durations in milliseconds, secrets resolved. Only
 * `load.ts` makes one. Names (of people, teams, services) are keys of Maps, so that no name can be mistaken for a
 * property of Object.
 */
import type { Severity } from '../domain/kernel/severity.ts';
import type { SeverityPolicy } from '../domain/kernel/policy.ts';
import type { StakeholderUpdateAudience, TemplateName } from '../domain/kernel/templates.ts';
import type { ContactKind, StakeholderContactKind, VendorSettings } from '../providers/vendors.ts';
import type { TeamCalendar } from '../schedules/team-calendar.ts';
import type { WindowTimes } from '../schedules/maintenance-windows.ts';

export type { ContactKind };

export interface ContactSetting {
  readonly kind: ContactKind;
  /** URL of a webhook, address of a mail …; empty for the terminal. */
  readonly target: string;
}

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly role: string | null;
  readonly contacts: readonly ContactSetting[];
  readonly timeZone: string;
  /** `HH:MM-HH:MM` in the person's zone; may wrap midnight. */
  readonly quietHours: string | null;
}

export interface Team {
  readonly id: string;
  /** People or schedules. */
  readonly onCall: readonly string[];
  readonly escalation: readonly (readonly string[])[];
  readonly leadership: readonly string[];
  /** The team's own chat channel, without `#`. */
  readonly channel: string | null;
  readonly calendar: TeamCalendar;
}

export interface Service {
  readonly id: string;
  readonly team: string | null;
  readonly owner: string | null;
  readonly runbook: string | null;
  readonly dashboard: string | null;
  readonly component: string | null;
  /** Name of the PagerDuty service that owns the escalation; the team's chain is used only when it cannot be reached. */
  readonly pagerduty: string | null;
}

export interface Route {
  /** Label → exact value or glob (`*`, `?`); empty for the default route. */
  readonly match: ReadonlyMap<string, string>;
  readonly team: string;
  /** One severity for paging-grade alerts, or a map from label value to severity. */
  readonly severity: Severity | ReadonlyMap<string, Severity> | null;
  readonly maxSeverity: Severity | null;
  readonly correlateBy: readonly string[] | null;
  readonly restricted: boolean;
}

export type SourceName = 'alertmanager' | 'grafana' | 'generic' | 'pagerdutyEvents';

/** A credential of `pagerdutyEvents`, and what the file calls it; null where it stands in a list. */
export interface RoutingKey {
  readonly name: string | null;
  readonly key: string;
}

export interface SourceSetting {
  /**
   * `null`: no token is asked for, because the file says `token: none` (on loopback only) or because Grafana signs
   * with `hmacSecret` alone, or because the credential is one of `routingKeys`.
   */
  readonly token: string | null;
  readonly hmacSecret: string | null;
  /** Header that carries the time a signature covers (Grafana); null: the signature covers the body alone. */
  readonly timestampHeader: string | null;
  readonly repeatIntervalMs: number;
  /** `generic` only: our field → dotted path in the sender's body. */
  readonly fields: ReadonlyMap<string, string>;
  /** `pagerdutyEvents` only, and never empty there. */
  readonly routingKeys: readonly RoutingKey[];
  /** `alertmanager` and `grafana`: where to ask what fires there; null: nowhere. */
  readonly api: SourceApi | null;
}

export interface SourceApi {
  /** Base URL, without a slash at the end. */
  readonly url: string;
  /** Sent as `Authorization: Bearer`; null: none. */
  readonly token: string | null;
}

export interface HeartbeatConfig {
  readonly name: string;
  readonly everyMs: number;
  readonly graceMs: number;
  readonly team: string;
  readonly severity: Severity;
  readonly service: string | null;
  /** Who may beat: whoever has its token, any configured source, or (on loopback) anybody. */
  readonly credential: { readonly token: string } | 'any-source' | 'none';
}

/** Somebody who keeps logs, metrics and recordings of the time of an incident when told. */
export interface EvidenceSetting {
  readonly name: string;
  readonly url: string;
  /** Sent as `Authorization: Bearer`; null: none. */
  readonly token: string | null;
  /** Null: all. */
  readonly services: readonly string[] | null;
  readonly severities: readonly Severity[];
}

/** Alerts that match while one of its times lasts are held back until its end. */
export interface MaintenanceSetting {
  readonly name: string;
  /** As a route's; never empty. */
  readonly match: ReadonlyMap<string, string>;
  readonly times: WindowTimes;
}

export interface LastResort {
  /** The monitor outside that waits for our beats; null: there is none. A secret: whoever has it can beat for us. */
  readonly pingUrl: string | null;
  /** How often the server checks the whole way from alert to page. */
  readonly everyMs: number;
  /** Told by the server itself when that way is broken. */
  readonly contacts: readonly ContactSetting[];
}

export interface Stakeholder {
  readonly name: string;
  readonly contacts: readonly { readonly kind: StakeholderContactKind; readonly target: string }[];
  readonly audience: StakeholderUpdateAudience;
  readonly severities: readonly Severity[];
  /** Null: all. */
  readonly teams: readonly string[] | null;
  readonly services: readonly string[] | null;
  /** Also told of restricted incidents. */
  readonly restricted: boolean;
}

export interface Config {
  /** The file it came from; null: the sample organization. */
  readonly file: string | null;
  readonly organization: {
    readonly name: string;
    readonly leadership: readonly string[];
    readonly releasesChannel: string | null;
  };
  readonly publicUrl: string;
  readonly timeZone: string;
  readonly people: ReadonlyMap<string, Person>;
  readonly teams: ReadonlyMap<string, Team>;
  readonly services: ReadonlyMap<string, Service>;
  readonly sources: ReadonlyMap<SourceName, SourceSetting>;
  readonly routes: readonly Route[];
  readonly severities: Readonly<Record<Severity, SeverityPolicy>>;
  readonly monitoring: {
    readonly defaultMs: number;
    readonly afterRollbackMs: number;
    readonly afterFixForwardMs: number;
    readonly updateEveryMs: number;
  };
  /** Beyond this many new incidents a minute for a team, further groups of alerts join its storm; null: never. */
  readonly storm: { readonly newIncidentsPerMinute: number | null };
  readonly maintenance: readonly MaintenanceSetting[];
  readonly statusPageFirst: 'confirmed' | 'auto';
  /** `builtin`: Tocsin's own page at `/status`, on unless it is switched off. */
  readonly statusPage: {
    readonly builtin: boolean;
    /** Where the public looks; null: at the built-in one, if anywhere. */
    readonly url: string | null;
  };
  /** By name: those who get stakeholder updates and are never paged. */
  readonly stakeholders: ReadonlyMap<string, Stakeholder>;
  /** Words in place of the built-in ones: texts with placeholders, all of them known. */
  readonly templates: ReadonlyMap<TemplateName, string>;
  readonly vendors: VendorSettings;
  /** `files`: one in the state directory for every incident, unless it is switched off. */
  readonly tickets: { readonly files: boolean };
  /** By name: told to keep evidence when an incident is resolved. */
  readonly evidence: ReadonlyMap<string, EvidenceSetting>;
  /** By name: things whose silence is an alarm. */
  readonly heartbeats: ReadonlyMap<string, HeartbeatConfig>;
  /** Null: the self-check is switched off. */
  readonly lastResort: LastResort | null;
  /** How long a paging alert waits for Temporal before the webhook server pages by itself; null: it never does. */
  readonly fallbackPagingAfterMs: number | null;
  /** Names under `queries`: what may be asked of monitoring and logs. None is run yet. */
  readonly queries: ReadonlySet<string>;
  /** Names under `actions`: what people may have done. None is run yet. */
  readonly actions: ReadonlySet<string>;
  /** Settings that were read but that this version does not act on yet: said at start, one line each. */
  readonly notSupportedYet: readonly string[];
  /** Legal but doubtful: said at start and by `tocsin config check`. */
  readonly warnings: readonly string[];
}
