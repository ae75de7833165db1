/** Every outward act of a story with its minute: ports that write down what they are asked to do. */
import { ALL_SEARCH_ATTRIBUTES } from '../../workflows/contract.ts';
import { activityInfo } from '@temporalio/activity';
import { DeliveryError } from '../../runtime/failures.ts';
import type {
  Calendars,
  Contact,
  EvidenceHook,
  StakeholderUpdate,
  Page,
  Ports,
  StakeholderContact,
} from '../../activities/ports.ts';
import { aPolicy } from './builders.ts';
import { inMemoryRecords } from './in-memory-records.ts';

const HOUR_MS = 3_600_000;

/** What goes wrong, and for whom. */
export interface SimulatedFailures {
  /** Methods that fail: `ana.webhook` → an HTTP status, or null for no answer. Looked at on every call. */
  readonly failing?: ReadonlyMap<string, number | null>;
  readonly chatDown?: () => boolean;
  readonly statusPageDown?: () => boolean;
  readonly recordsDown?: () => boolean;
  /** Real ones, instead of the ledger's. */
  readonly records?: Ports['records'];
  readonly ticketsDown?: () => boolean;
  /** Hooks that gather evidence; none unless said. */
  readonly evidence?: readonly string[];
  /** Looked at on every call. */
  readonly evidenceDown?: () => boolean;
  /** Export and draft cannot be written. */
  readonly draftFails?: () => boolean;
  /** Who can be written to; nobody unless said. */
  readonly stakeholders?: readonly string[];
  /** Stakeholders whose address does not answer. Looked at on every call. */
  readonly stakeholderUpdatesDown?: () => readonly string[];
  /** Words of the configuration; none unless said. */
  readonly templates?: Ports['textSettings']['templates'];
  /** Sources that can be asked about stale alerts; none unless said. */
  readonly alertSources?: Ports['alertSources'];
  /** Today's policies; the runbook's own, unless said. */
  readonly policyFor?: Ports['policyFor'];
}

export interface Roster {
  /** Person → methods, in order. */
  readonly people: Readonly<Record<string, readonly string[]>>;
  readonly onCall: readonly string[];
  /** People in their quiet hours, whatever the time: each of them ends in eight hours. */
  readonly quiet?: readonly string[];
  /** When the team works; always, unless said. */
  readonly calendars?: Calendars;
}

/** Methods of a crew that make no noise. */
const QUIET_METHODS: readonly string[] = ['mail'];

/** A team that is always at work, and to which every day is a business day. */
export const ALWAYS_OPEN: Calendars = {
  audibleFrom: (_team, at) => at,
  nextOpening: (_team, at) => at,
  nextBusinessDay: (_team, at) => at + 24 * HOUR_MS,
  timeZone: () => 'UTC',
};

export const DEFAULT_ROSTER: Roster = {
  people: { ana: ['webhook'], bo: ['webhook'], eve: ['webhook'], lea: ['webhook'], hal: ['webhook'] },
  onCall: ['ana'],
};

const SIGNATURE = '?link=signed';

/** Whoever has a signed address can read the incident. */
function mustBeUnsigned(text: string): void {
  if (text.includes(SIGNATURE)) throw new Error(`a signed address would become public: ${text}`);
}

/** Every notification names its incident, which a story need not repeat: test/activities shows that it does. */
function withoutIncident({ kind, text, incident: { severity, title, reference } }: Page): string {
  const named = `${severity} ${title}${reference === null ? '' : ` (${reference})`}: `;
  return kind === 'notification' && text.startsWith(named) ? text.slice(named.length) : text;
}

interface Act {
  readonly at: number;
  readonly text: string;
}

export function createLedger(roster: Roster, failures: SimulatedFailures) {
  const acts: Act[] = [];
  const pages: Page[] = [];
  const attemptedPages: Page[] = [];
  const tickets: string[] = [];
  const stakeholderUpdates: StakeholderUpdate[] = [];
  const settledAlarms: string[] = [];
  const records = inMemoryRecords(() => failures.recordsDown?.() ?? false);
  // Times inside a message depend on when the story is told; that they are right is shown in test/domain.
  const write = (text: string): void =>
    void acts.push({
      at: activityInfo().currentAttemptScheduledTimestampMs,
      text: text.replaceAll(/\d\d:\d\d UTC/g, 'HH:MM').replaceAll(/\d{4}-\d\d-\d\d HH/g, 'DAY HH'),
    });
  const contact = (person: string, method: string): Contact => ({
    method,
    quiet: QUIET_METHODS.includes(method),
    send: async (page) => {
      attemptedPages.push(page);
      const status = failures.failing?.get(`${person}.${method}`);
      if (status !== undefined)
        throw new DeliveryError(method, status === null ? { code: 'ECONNREFUSED' } : { status });
      pages.push(page);
      const { kind, reason, level, cycle, attempt } = page;
      const text = withoutIncident(page);
      write(
        kind === 'notification'
          ? `notice ${person}: ${text}`
          : `${kind} ${person} by ${method}: ${reason} ${cycle}.${level}.${attempt}`,
      );
    },
    settle: async (key, act) => void settledAlarms.push(`${act} ${key}`),
  });
  const stakeholderContact = (name: string): StakeholderContact => ({
    method: 'email',
    send: async (stakeholderUpdate) => {
      if (failures.stakeholderUpdatesDown?.().includes(name)) throw new DeliveryError('mail', { code: 'ECONNREFUSED' });
      if (stakeholderUpdate.audience === 'external') mustBeUnsigned(JSON.stringify(stakeholderUpdate));
      stakeholderUpdates.push(stakeholderUpdate);
      write(`stakeholder update ${stakeholderUpdate.audience} ${name}: ${stakeholderUpdate.subject}`);
    },
  });
  const contacts = new Map(
    Object.entries(roster.people).map(([person, methods]) => [
      person,
      methods.map((method) => contact(person, method)),
    ]),
  );
  const evidenceHook = (name: string): EvidenceHook => ({
    gather: async ({ key }) => {
      if (failures.evidenceDown?.()) throw new DeliveryError('evidence', { status: 503 });
      write(`evidence ${name}: ${key}`);
    },
  });
  const ports: Ports = {
    directory: {
      resolve: (name) => {
        if (name === 'onCall') return { isKnown: true, people: roster.onCall };
        return contacts.has(name) ? { isKnown: true, people: [name] } : { isKnown: false, people: [] };
      },
      contacts: (person) => contacts.get(person) ?? [],
      displayName: (person) => person,
      quietUntil: (person, at) => (roster.quiet?.includes(person) ? at + 8 * HOUR_MS : null),
    },
    calendars: roster.calendars ?? ALWAYS_OPEN,
    chat: {
      post: async ({ text }) => {
        if (failures.chatDown?.()) throw new DeliveryError('chat', { status: 503 });
        write(`chat: ${text.split('\n')[0] ?? ''}`);
      },
    },
    statusPage: {
      publish: async ({ state, text, renews }) => {
        if (failures.statusPageDown?.()) throw new DeliveryError('status', { status: 503 });
        mustBeUnsigned(text);
        write(`public ${state}${renews ? ' (renewed)' : ''}: ${text.split('\n')[0] ?? ''}`);
      },
    },
    alertSources: failures.alertSources ?? new Map(),
    evidence: new Map((failures.evidence ?? []).map((name) => [name, evidenceHook(name)])),
    tickets: {
      write: async ({ action, text }) => {
        if (failures.ticketsDown?.()) throw new DeliveryError('tickets', { status: 503 });
        tickets.push(`${action}: ${text.split('\n')[0] ?? ''}`);
      },
    },
    stakeholders: { contacts: (name) => (failures.stakeholders?.includes(name) ? [stakeholderContact(name)] : []) },
    textSettings: {
      organization: 'Test House',
      statusPage: 'http://tocsin.test/status',
      templates: failures.templates ?? new Map(),
      warn: () => undefined,
    },
    records: {
      ...(failures.records ?? records.port),
      prepare: async (incidentId) => {
        if (failures.draftFails?.()) throw new DeliveryError('records', { code: 'ENOSPC' });
        await (failures.records ?? records.port).prepare(incidentId);
      },
    },
    links: {
      incident: ({ workflowId }) => `http://tocsin.test/incidents/${workflowId}${SIGNATURE}`,
      incidentUnsigned: (workflowId) => `http://tocsin.test/incidents/${workflowId}`,
      runbook: () => null,
      acknowledge: ({ person, cycle }) => `http://tocsin.test/ack/${person}-${cycle}`,
    },
    policyFor: failures.policyFor ?? (() => aPolicy()),
    pageMetrics: { tried: () => undefined },
    timeZone: 'UTC',
    searchAttributes: () => ({ searchable: true, searchAttributes: ALL_SEARCH_ATTRIBUTES }),
  };
  /** Lines `HH:MM act`, sorted: acts of one minute are concurrent, and their order is not promised. */
  const lines = (since: number): string[] =>
    acts.map(({ at, text }) => `${hoursAndMinutes(at - since)} ${text}`).sort((a, b) => a.localeCompare(b));
  /** In the order of doing. */
  const textsInOrder = (): string[] => acts.map(({ text }) => text);
  return {
    ...{
      ports,
      pages,
      tried: attemptedPages,
      tickets,
      stakeholderUpdates,
      settled: settledAlarms,
      records: records.records,
    },
    ...{ lines, told: textsInOrder, count: () => acts.length },
  };
}

export type Ledger = ReturnType<typeof createLedger>;

/** Minutes since the declaration, rounded to the nearest: `00:05`, `26:00`. */
function hoursAndMinutes(ms: number): string {
  const whole = Math.round(ms / 60_000);
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`;
}
