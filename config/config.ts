/**
 * The configuration after loading: checked, defaults filled in, durations in milliseconds, secrets resolved. Only
 * `load.ts` makes one. Names (of people, teams, services) are keys of Maps, so that no name can be mistaken for a
 * property of Object.
 */
import type { Severity } from '../domain/severity.ts';
import type { SeverityPolicy } from '../domain/policy.ts';
import type { ContactKind } from '../providers/contact-settings.ts';

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
  readonly hours: string | null;
  readonly holidays: string | readonly string[] | null;
}

export interface Service {
  readonly id: string;
  readonly team: string | null;
  readonly owner: string | null;
  readonly runbook: string | null;
  readonly dashboard: string | null;
  readonly component: string | null;
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

export type SourceName = 'alertmanager' | 'grafana' | 'generic';

export interface SourceSetting {
  /**
   * `null`: no token is asked for, because the file says `token: none` (on loopback only) or because Grafana signs
   * with `hmacSecret` alone.
   */
  readonly token: string | null;
  readonly hmacSecret: string | null;
  /** Header that carries the time a signature covers (Grafana); null: the signature covers the body alone. */
  readonly timestampHeader: string | null;
  readonly repeatIntervalMs: number;
  /** `generic` only: our field → dotted path in the sender's body. */
  readonly fields: ReadonlyMap<string, string>;
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
  readonly statusPageFirst: 'confirmed' | 'auto';
  /** Settings that were read but that this version does not act on yet: said at start, one line each. */
  readonly notYet: readonly string[];
  /** Legal but doubtful: said at start and by `tocsin config check`. */
  readonly warnings: readonly string[];
}
