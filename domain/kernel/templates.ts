/**
 * The messages whose words a configuration may change: which there are, and what each may say. A template is plain text
 * with placeholders (`{{severity}}`); this is the list that keeps the public from hearing what was not written for it.
 * Pure.
 */
import type { EventType } from './events.ts';

/** Who hears it. What is `public` or `external` may say only what is fit for everybody. */
type Use = 'chat' | 'notice' | 'public' | 'internal' | 'external' | 'document';

export interface Template {
  readonly use: Use;
  /** Placeholders of its own, beside those of its use. */
  readonly own: readonly string[];
}

const chat = (...own: readonly string[]): Template => ({ use: 'chat', own });
const notice = (...own: readonly string[]): Template => ({ use: 'notice', own });
const everybody = (...own: readonly string[]): Template => ({ use: 'public', own });
const internal = (...own: readonly string[]): Template => ({ use: 'internal', own });
const external = (...own: readonly string[]): Template => ({ use: 'external', own });

export const TEMPLATES = {
  declared: chat('by'),
  announcement: chat('by'),
  acknowledged: chat('by'),
  impactAssessed: chat('by'),
  update: chat('by', 'text', 'audience'),
  internalUpdate: chat('by', 'text', 'cause', 'actions', 'nextSteps', 'eta'),
  holdingUpdate: chat('dueAt'),
  severityChanged: chat('by', 'reason', 'previousSeverity'),
  roleAssigned: chat('by', 'role', 'person'),
  mitigationDecided: chat('by', 'decision', 'action', 'reason'),
  mitigationReported: chat('by', 'outcome', 'text'),
  monitoringStarted: chat('by', 'resolution', 'monitoringUntil'),
  confirmationRequested: chat(),
  alertsStale: chat(),
  inactivityNudged: chat(),
  inactivityPaged: chat(),
  inactivityEscalated: chat(),
  stillOnIt: chat('by'),
  ticketReminded: chat(),
  merged: chat('by'),
  mergeRefused: chat(),
  incidentMergedIn: chat(),
  mergedIncidentReleased: chat(),
  acknowledgementRequired: chat(),
  recurred: chat('what'),
  reopened: chat('by', 'reason'),
  escalated: chat('by', 'to', 'reason'),
  escalationExhausted: chat('cycle'),
  allClear: chat('resolution', 'outcome'),
  falseAlarm: chat('by', 'reason'),
  draftLate: chat(),
  evidenceSettled: chat(),
  followUpsReviewed: chat(),
  postmortemCompleted: chat('by'),
  actionItemAdded: chat('by'),
  actionItemCompleted: chat('by'),
  closed: chat('by', 'reason'),

  acknowledgedNotice: notice('by'),
  clearedNotice: notice(),
  falseAlarmNotice: notice('by', 'reason'),
  updateReminder: notice('dueAt', 'audiences'),
  updateMissedNotice: notice('dueAt', 'audiences'),
  confirmationNotice: notice(),
  staleNotice: notice(),
  roleNotice: notice('by', 'role', 'person'),
  inactivityNotice: notice(),
  mergedNotice: notice('by'),
  followUpsNotice: notice(),

  publicInvestigating: everybody(),
  publicUpdate: everybody('text'),
  publicHolding: everybody(),
  publicIdentified: everybody(),
  publicMonitoring: everybody(),
  publicBack: everybody(),
  publicResolved: everybody(),
  publicFalseAlarm: everybody(),

  internalMail: internal(),
  internalMailUpdate: internal('by', 'text'),
  internalMailResolved: internal('by', 'reason', 'resolution'),
  externalMail: external('text'),
  externalMailUpdate: external('text'),
  externalMailResolved: external('text'),

  postmortem: {
    use: 'document',
    own: [
      ...([
        'reference',
        'url',
        'title',
        'severity',
        'summary',
        'facts',
        'impact',
        'people',
        'durations',
        'timeline',
      ] as const),
      ...(['alerts', 'missed', 'messages', 'earlier', 'resolution', 'tried', 'actionItems', 'proposed'] as const),
    ],
  },
} as const satisfies Readonly<Record<string, Template>>;

export type TemplateName = keyof typeof TEMPLATES;
export type StakeholderUpdateTemplate = Extract<TemplateName, `${'internal' | 'external'}Mail${string}`>;

export const TEMPLATE_NAMES = Object.keys(TEMPLATES) as readonly TemplateName[];

/** What every message to our own people may say. Values that are not known are empty. */
const INCIDENT_VALUES = [
  'reference',
  'url',
  'title',
  'summary',
  'severity',
  'highestSeverity',
  'status',
  'publicStatus',
  'impact',
  'team',
  'service',
  'component',
  'affected',
  'ic',
  'technicalLead',
  'communicationsLead',
  'scribe',
  'startedAt',
  'duration',
  'channel',
  'ticket',
  'nextUpdate',
  'updateEvery',
  'time',
  'organization',
  'statusPage',
] as const;

/** What a message to everybody may say: nothing that an alert or a responder wrote for responders. */
const PUBLIC_VALUES = ['component', 'state', 'nextUpdate', 'time', 'organization', 'statusPage'] as const;
/** Beside these, a stakeholder update to the outside says since when, and how often there is news. */
const EXTERNAL_VALUES = [...PUBLIC_VALUES, 'startedAt', 'updateEvery'] as const;

/** What the template of that name may say. */
export function placeholdersOf(name: TemplateName): readonly string[] {
  const { use, own }: Template = TEMPLATES[name];
  switch (use) {
    case 'chat':
    case 'notice':
      return ['default', ...own, ...INCIDENT_VALUES];
    case 'public':
      return ['default', ...own, ...PUBLIC_VALUES];
    case 'internal':
      return [...own, ...INCIDENT_VALUES];
    case 'external':
      return [...own, ...EXTERNAL_VALUES];
    case 'document':
      return ['default', ...own];
  }
}

/** Whether it begins with `Subject: …` and a blank line. */
export function isStakeholderUpdate(name: TemplateName): name is StakeholderUpdateTemplate {
  const { use }: Template = TEMPLATES[name];
  return use === 'internal' || use === 'external';
}

type ByEvent = Readonly<Partial<Record<EventType, TemplateName>>>;

/** The template of an event's post in the chat. An update with details has one of its own: `internalUpdate`. */
export const CHAT_TEMPLATES: ByEvent = {
  declared: 'declared',
  acknowledged: 'acknowledged',
  'impact-assessed': 'impactAssessed',
  'update-posted': 'update',
  'update-missed': 'holdingUpdate',
  'severity-changed': 'severityChanged',
  'role-assigned': 'roleAssigned',
  'mitigation-decided': 'mitigationDecided',
  'mitigation-reported': 'mitigationReported',
  'monitoring-started': 'monitoringStarted',
  'confirmation-requested': 'confirmationRequested',
  'alerts-stale': 'alertsStale',
  'inactivity-nudged': 'inactivityNudged',
  'inactivity-paged': 'inactivityPaged',
  'inactivity-escalated': 'inactivityEscalated',
  'still-on-it': 'stillOnIt',
  'ticket-reminded': 'ticketReminded',
  merged: 'merged',
  'merge-refused': 'mergeRefused',
  'incident-merged-in': 'incidentMergedIn',
  'merged-incident-released': 'mergedIncidentReleased',
  'acknowledgement-required': 'acknowledgementRequired',
  'draft-late': 'draftLate',
  'evidence-settled': 'evidenceSettled',
  'follow-ups-reviewed': 'followUpsReviewed',
  'postmortem-completed': 'postmortemCompleted',
  'action-item-added': 'actionItemAdded',
  'action-item-completed': 'actionItemCompleted',
  closed: 'closed',
  recurred: 'recurred',
  reopened: 'reopened',
  escalated: 'escalated',
  'escalation-exhausted': 'escalationExhausted',
  resolved: 'allClear',
  'false-alarm-declared': 'falseAlarm',
};

/** Of what single people are told. */
export const NOTICE_TEMPLATES: ByEvent = {
  acknowledged: 'acknowledgedNotice',
  'monitoring-started': 'clearedNotice',
  'false-alarm-declared': 'falseAlarmNotice',
  'update-reminded': 'updateReminder',
  'update-missed': 'updateMissedNotice',
  'confirmation-requested': 'confirmationNotice',
  'alerts-stale': 'staleNotice',
  'role-assigned': 'roleNotice',
  'inactivity-nudged': 'inactivityNotice',
  merged: 'mergedNotice',
  'follow-ups-reviewed': 'followUpsNotice',
};

/** Of its entry on the public page. */
export const PUBLIC_TEMPLATES: ByEvent = {
  'public-communication-started': 'publicInvestigating',
  'update-posted': 'publicUpdate',
  'update-missed': 'publicHolding',
  'mitigation-decided': 'publicIdentified',
  'monitoring-started': 'publicMonitoring',
  recurred: 'publicBack',
  reopened: 'publicBack',
  resolved: 'publicResolved',
  'false-alarm-declared': 'publicFalseAlarm',
};

/** Whom stakeholder updates go to. An audience `external` hears only what a person said to the public. */
export type StakeholderUpdateAudience = 'internal' | 'external';
