/**
 * What Tocsin says when something happens in an incident: event × audience, in the language of the configuration's
 * `templates:`. A text that comes out empty is not sent. Values come from `text-values.ts`. The e-mails to stakeholders
 * are in `stakeholder-texts.ts`, why people are paged in `escalation/page-causes.ts`, and the heading, announcement and pinned
 * summary of Slack in `providers/slack/`. Data only.
 */
import type { EventType } from '../kernel/events.ts';
import { IMPACT_QUESTIONS, impactCommand, severityCommand } from '../kernel/guide.ts';

/** A text that `templates:` may replace under its name. */
export interface CatalogueText {
  readonly name: string;
  readonly text: string;
  /** Placeholders that only this text has. */
  readonly own?: readonly string[];
}

/** What is said about one event, and to whom. */
export interface EventTexts {
  /** Placeholders that only the texts about this event have; not for everybody. */
  readonly own?: readonly string[];
  /** One line of the record; absent: none. */
  readonly timeline?: string;
  readonly chat?: CatalogueText;
  /** Instead of `chat`, for an update with details. */
  readonly detailedChat?: CatalogueText;
  /** Instead of `chat`, for the ticket. */
  readonly ticket?: CatalogueText;
  /** To single people. */
  readonly notice?: CatalogueText;
  /** To the person who gets a role. */
  readonly assignee?: CatalogueText;
  /** To everybody. */
  readonly public?: CatalogueText;
  /** What a stakeholder update says about it. */
  readonly stakeholders?: string;
  /** To the person who speaks for us, above the draft of an e-mail to the outside. */
  readonly draft?: string;
}

const NEXT_UPDATE = ['{{#nextUpdate}}', 'Next update: {{nextUpdate}}', '{{/nextUpdate}}'].join('\n');
const NEEDED = ['{{#wanted}}', 'Needed: {{wanted}}.', '{{/wanted}}'].join('\n');
const ACKNOWLEDGED_BY_TOKEN =
  '{{by}} acknowledged. {{#ic}}{{ic}} is incident commander.{{/ic}}' +
  '{{^ic}}⚠ Nobody is incident commander: `tocsin assign {{ref}} ic NAME`, or `tocsin ack {{ref}} --as NAME`.{{/ic}}';
const DECISION = '{{by}} decided to {{#rollback}}roll back{{/rollback}}{{^rollback}}fix forward{{/rollback}}';
const MERGED =
  '{{by}} merged this into {{into}}{{#sameAlert}}: the same alert fires there{{/sameAlert}}. Follow it there.';
const FALSE_ALARM = '{{by}} declared a false alarm: {{reason}}';
const OVERDUE = '{{#overdue}}OVERDUE: the post-mortem of {{name}} was due at {{postmortemDue}}.{{/overdue}}';
const DUE_LATER =
  'due at {{postmortemDue}}. Start from the draft: `tocsin postmortem {{ref}}`. ' +
  'Add action items with an owner and a date.';
const DUE = `{{#due}}The post-mortem of {{name}} is due at {{postmortemDue}}.{{/due}}${OVERDUE}`;
const ABSENT = '{{source}} no longer reports {{alerts}}. Silenced or gone?';
const STALE =
  `{{#absent}}${ABSENT}{{/absent}}{{^absent}}` +
  '{{#vanished}}{{source}} ended {{alerts}} because the rule or its data changed, not because all is well.{{/vanished}}' +
  '{{#gone}}No reports about {{alerts}} for {{unreported}}; {{source}} has silenced or dropped {{them}}.{{/gone}}' +
  '{{#unknown}}No reports about {{alerts}} for {{unreported}}; {{source}} could not be asked.{{/unknown}}{{/absent}}';
const STALE_QUESTION =
  '{{#alerts}} If it is over: `tocsin resolve {{ref}} --resolution "…" --ignore-alert ALERT`. ' +
  'Until then it counts as firing.{{/alerts}}';
const LEFT_OUT = 'Every alert that {{source}} sent has cleared, but {{count}} never sent.';
const LEFT_OUT_QUESTION = ' Please look there. If all is well, say `resolve`.';
const JOINED =
  '{{#services}}Another service is affected: {{services}} ({{alerts}}){{/services}}' +
  '{{^services}}Another alert joined: {{alerts}}{{/services}}';
const LATE_COPY =
  '{{source}} reported {{alerts}} firing again right after {{they}} resolved, and could not be asked whether {{they}} still {{fire}}.';
const LATE_COPY_QUESTION =
  ' This may be an old message. Check {{alerts}}' +
  '{{#mayReopen}}; if {{they}} {{fire}}: `tocsin reopen {{ref}} --reason "…"`{{/mayReopen}}{{^mayReopen}}.{{/mayReopen}}';
const UPDATE_COMMAND = '`tocsin update {{ref}}{{#forPublic}} --public{{/forPublic}} --text "…"`';
const ABOUT = '{{#about}} ({{about}}){{/about}}';
const CALL = `{{#mine}}your{{/mine}}{{^mine}}the{{/mine}} call${ABOUT}`;
const CONFIRM =
  'No alert has fired during monitoring. Are customers fine? If so: `tocsin resolve {{ref}} --resolution "…"`';
const ROLE = {
  name: 'roleNotice',
  text: [
    '{{#handOver}}',
    'You are incident commander of {{severity}} "{{title}}", {{status}}, declared at {{declaredAt}}. ' +
      'Impact: {{assessed}}{{^assessed}}not known yet{{/assessed}}.{{#decision}} Decided: {{decision}}.{{/decision}}' +
      '{{#cause}} Cause: {{cause}}.{{/cause}}{{#nextUpdate}} Next update due at {{nextUpdate}}.{{/nextUpdate}}{{#wanted}} Needed: {{wanted}}.{{/wanted}}',
    '{{#lastEntries}}',
    'Last:',
    '{{lastEntries}}',
    '{{/lastEntries}}',
    '{{#firing}}',
    'Firing: {{firing}}.',
    '{{/firing}}',
    '{{/handOver}}',
    '{{^handOver}}',
    'You are {{role}} of {{severity}} "{{title}}".',
    '{{/handOver}}',
    '{{#assignedBy}}',
    '(Assigned by {{assignedBy}}.)',
    '{{/assignedBy}}',
  ].join('\n'),
  own: ['role', 'assignedBy', 'handOver', 'declaredAt', 'assessed', 'decision', 'cause', 'lastEntries'],
} as const;
const PUBLIC_IMPACT = '\nImpact: {{publicImpact}}.';
const PUBLIC_IDENTIFIED = 'We have identified the problem with {{component}} and are fixing it.';
const PUBLIC_BACK = {
  name: 'publicBack',
  text: `The problem with {{component}} is back. We are working on it.${PUBLIC_IMPACT}`,
} as const;
const PUBLIC_DEADLINE =
  'The public has been told nothing: nobody has acknowledged {{severity}} "{{title}}", and the first public entry was due ' +
  'at {{dueAt}}. To tell the public now: `tocsin update {{ref}} --status Investigating`.';
const DRAFT_FOLLOWS =
  '{{#first}}No mail has gone to {{whom}} yet. {{/first}}' +
  'To post on the status page and mail {{whom}}: `tocsin update {{ref}} --public --text "…"`. Draft:';
const LAST_DRAFT =
  'Only people write to the outside: please tell {{whom}} that it is over, ' +
  'by `tocsin update {{ref}} --status Resolved --text "…"`. Draft:';
const FALSE_ALARM_DRAFT =
  'Only people write to the outside, and this incident is closed: please write to {{whom}} yourself. Draft:';

export const EVENT_TEXTS = {
  declared: {
    own: ['by', 'guessed', 'recurrenceOf'],
    timeline:
      'Declared by {{by}}: {{severity}}{{#guessed}} (guessed){{/guessed}} "{{title}}" for team {{team}}' +
      '{{#recurrenceOf}}; recurrence of {{recurrenceOf}}{{/recurrenceOf}}',
    chat: {
      name: 'declared',
      text: [
        'INCIDENT DECLARED: {{title}}',
        'Severity: {{severity}}{{#guessed}} (guessed){{/guessed}}',
        'Impact: {{impact}}{{^impact}}not assessed yet{{/impact}}',
        '{{^impact}}',
        '{{#summary}}',
        'Summary: {{summary}}',
        '{{/summary}}',
        '{{/impact}}',
        'Status: Investigating',
        'Incident Commander: {{ic}}{{^ic}}nobody yet{{/ic}}',
        '{{#nextUpdate}}',
        'Next Update: {{nextUpdate}}',
        '{{/nextUpdate}}',
      ].join('\n'),
    },
  },

  // Alerts
  'alerts-fired': { timeline: '{{count}} firing: {{alerts}}' },
  'alert-changed': { timeline: 'Alert changed: {{alerts}}' },
  'alerts-restated': {},
  'service-joined': {
    own: ['alerts', 'services', 'teams'],
    timeline: `${JOINED}{{#teams}}; paging the on-call of {{teams}}{{/teams}}`,
    chat: { name: 'serviceJoined', text: `${JOINED}.` },
    notice: { name: 'serviceJoinedNotice', text: `${JOINED}.` },
  },
  'alerts-cleared': { timeline: '{{count}} resolved' },
  'alerts-suppressed': { timeline: 'Suppressed by maintenance {{windows}}: {{alerts}}' },
  'alerts-stale': {
    own: ['alerts', 'them', 'source', 'unreported', 'absent', 'vanished', 'gone', 'unknown'],
    timeline: STALE,
    chat: { name: 'alertsStale', text: STALE + STALE_QUESTION },
    notice: { name: 'staleNotice', text: STALE + STALE_QUESTION },
  },
  'late-copies-noted': {
    timeline: '{{source}} reported {{alerts}} firing again right after the end: perhaps a late copy, to be checked',
  },
  'late-copies-unverified': {
    own: ['alerts', 'source', 'they', 'fire', 'mayReopen'],
    timeline: LATE_COPY,
    chat: { name: 'lateCopyUnverified', text: LATE_COPY + LATE_COPY_QUESTION },
    notice: { name: 'lateCopyNotice', text: LATE_COPY + LATE_COPY_QUESTION },
  },
  'late-copies-settled': {},
  'alerts-absent': {},
  'absence-unverified': {},
  'alerts-left-out': { timeline: '{{count}} never sent: {{source}} leaves alerts out of its messages' },
  'left-out-questioned': {
    own: ['count', 'source'],
    timeline: LEFT_OUT,
    chat: { name: 'leftOutQuestioned', text: LEFT_OUT + LEFT_OUT_QUESTION },
    notice: { name: 'leftOutNotice', text: LEFT_OUT + LEFT_OUT_QUESTION },
  },
  'alerts-ignored': { timeline: '{{by}} ignored {{alerts}} when resolving' },
  'groups-joined': { timeline: '{{count}} joined the storm: {{alerts}}' },
  'split-off': { timeline: '{{by}} took "{{group}}" out of the storm; it gets an incident of its own' },
  'alerts-seen': {},
  'storm-groups-named': {},
  'split-done': {},

  // Paging
  'fallback-paged': { timeline: 'Temporal was unreachable, so the server paged directly: {{paged}}' },
  paged: {
    timeline:
      '{{#paged}}Paged {{paged}}. {{/paged}}{{#failed}}Page FAILED: {{failed}}. {{/failed}}' +
      '{{#retrying}}Page failed, trying again: {{retrying}}. {{/retrying}}' +
      '{{#sending}}No answer yet: {{sending}}. {{/sending}}' +
      '{{#missing}}Skipped {{missing}}: not in the configuration. {{/missing}}' +
      '{{#again}}Somebody could not be reached yet; still trying. {{/again}}' +
      '{{#audibleFrom}}Outside working hours: quiet methods only until {{audibleFrom}}.{{/audibleFrom}}' +
      '{{#nobody}}Nobody new to page{{/nobody}}',
  },
  'page-failed': { timeline: 'Page failed: {{reason}}{{#again}}; retrying{{/again}}' },
  'level-unreachable': { timeline: 'Level {{level}} could not be reached ({{reason}}); paging the next level' },
  'escalation-exhausted': {
    own: ['cycle', 'last'],
    timeline:
      'ESCALATION EXHAUSTED: nobody answered in pass {{cycle}} through all levels; ' +
      '{{#last}}nobody is left to page{{/last}}{{^last}}starting again{{/last}}',
    chat: {
      name: 'escalationExhausted',
      text:
        '⚠ ESCALATION EXHAUSTED: nobody has answered {{severity}} "{{title}}" after pass {{cycle}} through all levels. ' +
        '{{#last}}Nobody is left to page.{{/last}}{{^last}}Starting again.{{/last}}',
    },
  },
  acknowledged: {
    own: ['by', 'first', 'command', 'major', 'byToken', 'unassessed'],
    timeline:
      '{{^byToken}}{{by}} has it{{/byToken}}' +
      '{{#byToken}}{{by}} acknowledged{{^ic}}; nobody is incident commander{{/ic}}{{/byToken}}',
    chat: {
      name: 'acknowledged',
      text: [
        `{{^byToken}}{{by}} has it{{#command}} and is incident commander{{/command}}.{{/byToken}}{{#byToken}}${ACKNOWLEDGED_BY_TOKEN}{{/byToken}}`,
        '{{#first}}',
        'Is it real? If not: `tocsin false-alarm {{ref}} --reason "…"`',
        '{{#unassessed}}',
        `${IMPACT_QUESTIONS.scope} ${IMPACT_QUESTIONS.dataLoss} Answer: \`${impactCommand('{{ref}}')}\``,
        `${IMPACT_QUESTIONS.severity} It is {{severity}}; to change that: \`${severityCommand('{{ref}}')}\``,
        '{{/unassessed}}',
        NEEDED,
        '{{#major}}',
        'Restore service first, then contain the damage, then keep it from spreading; look for the cause last. ' +
          'Roll back, unless a forward fix is minor, well understood and faster. ' +
          'If you cannot tell how big the impact is, roll back too.',
        '{{/major}}',
        NEXT_UPDATE,
        '{{/first}}',
      ].join('\n'),
    },
    notice: {
      name: 'acknowledgedNotice',
      text: `{{^byToken}}{{by}} has it.{{/byToken}}{{#byToken}}${ACKNOWLEDGED_BY_TOKEN}{{/byToken}}`,
    },
    assignee: ROLE,
    draft: DRAFT_FOLLOWS,
  },
  seen: {
    own: ['by', 'called', 'about'],
    timeline:
      '{{by}}{{#leadership}} (leadership){{/leadership}} has seen it{{#waiting}}; escalation continues{{/waiting}}',
    chat: { name: 'callAnswered', text: `{{#called}}{{by}} has answered the call${ABOUT}.{{/called}}` },
  },
  'call-repeated': {},
  'call-unanswered': {
    own: ['called', 'about', 'since', 'mine', 'reached', 'have'],
    timeline: `Nobody has answered the call to {{called}}${ABOUT} since {{since}}`,
    chat: {
      name: 'callUnanswered',
      text: `No answer from {{called}}${ABOUT} since {{since}}. Tocsin has stopped calling.`,
    },
    notice: {
      name: 'callUnansweredNotice',
      text:
        `{{#reached}}{{called}} {{have}} not answered ${CALL} since {{since}}.{{/reached}}` +
        `{{^reached}}{{called}} could not be reached by ${CALL} since {{since}}.{{/reached}} ` +
        'Tocsin has stopped calling: try somebody else.',
    },
  },
  declined: { timeline: '{{by}} declined; paging the next level' },
  escalated: {
    own: ['by', 'to', 'reason'],
    timeline: '{{by}} escalated to {{to}}: {{reason}}',
    chat: { name: 'escalated', text: '{{by}} escalated to {{to}}: {{reason}}' },
  },
  'business-day-set': {
    timeline: "To be acknowledged on the team's next business day, {{dueAt}} ({{timeZone}}, time zone data {{tzdata}})",
  },
  'ticket-reminded': {
    timeline: 'Nobody has acknowledged: posted a reminder to the ticket and the chat',
    chat: {
      name: 'ticketReminded',
      text:
        'Nobody has acknowledged this {{severity}} yet: {{title}}. It was due this business day: ' +
        'acknowledge it, or declare it a false alarm.',
    },
  },
  'inactivity-nudged': {
    own: ['holder'],
    timeline: 'No activity: asked whether anyone is still on it',
    chat: {
      name: 'inactivityNudged',
      text: 'No activity for a while. {{#holder}}{{holder}}, are you still on it?{{/holder}}{{^holder}}Is anyone on it?{{/holder}}',
    },
    notice: {
      name: 'inactivityNotice',
      text: 'No activity for a while. Are you still on it? Anything will do: a note, an update, or the link in this message.',
    },
  },
  'inactivity-paged': {
    own: ['holder'],
    timeline: 'Still no activity: paging {{holder}}',
    chat: { name: 'inactivityPaged', text: 'Still no activity: paging {{holder}}.' },
  },
  'inactivity-escalated': {
    timeline: 'Still no activity: paging the next level',
    chat: {
      name: 'inactivityEscalated',
      text: 'Still no activity: paging the next level. Whoever answers takes command.',
    },
  },
  'still-on-it': {
    own: ['by'],
    timeline: '{{by}} is still on it',
    chat: { name: 'stillOnIt', text: '{{by}} is still on it.' },
  },
  'level-started': {},
  'level-extended': {},
  'notification-rule-due': {},

  // Work on the incident
  'role-assigned': {
    own: ['by', 'role', 'person', 'assignedBy'],
    timeline: '{{person}} is {{role}}{{#assignedBy}} (assigned by {{assignedBy}}){{/assignedBy}}',
    chat: { name: 'roleAssigned', text: '{{person}} is {{role}}.' },
    assignee: ROLE,
  },
  'severity-changed': {
    own: ['by', 'reason', 'previousSeverity', 'newlyWanted'],
    timeline: 'Severity {{previousSeverity}} → {{severity}}: {{reason}}',
    chat: {
      name: 'severityChanged',
      text: [
        'Severity {{previousSeverity}} → {{severity}}: {{reason}}',
        '{{#newlyWanted}}',
        'Needed: {{newlyWanted}}.',
        '{{/newlyWanted}}',
      ].join('\n'),
    },
    stakeholders: 'Severity {{previousSeverity}} → {{severity}}: {{reason}}',
  },
  'impact-assessed': {
    own: ['by', 'advice'],
    timeline: 'Impact: {{impact}}',
    chat: {
      name: 'impactAssessed',
      text: ['Impact: {{impact}}', '{{#advice}}', '{{advice}}', '{{/advice}}'].join('\n'),
    },
  },
  'update-posted': {
    own: ['by', 'text', 'audience', 'forPublic', 'cause', 'actions', 'nextSteps', 'eta'],
    timeline: '{{#forPublic}}Public{{/forPublic}}{{^forPublic}}Internal{{/forPublic}} update: {{text}}',
    chat: { name: 'update', text: ['UPDATE [{{time}}]', 'Status: {{status}}', '{{text}}', NEXT_UPDATE].join('\n') },
    detailedChat: {
      name: 'internalUpdate',
      text: [
        'Incident Update - {{time}}',
        'Status: {{status}}',
        '{{text}}',
        '{{#impact}}',
        'Impact: {{impact}}',
        '{{/impact}}',
        '{{#cause}}',
        'Cause: {{cause}}',
        '{{/cause}}',
        '{{#actions}}',
        'Actions: {{actions}}',
        '{{/actions}}',
        '{{#nextSteps}}',
        'Next Steps: {{nextSteps}}',
        '{{/nextSteps}}',
        '{{#eta}}',
        'ETA: {{eta}}',
        '{{/eta}}',
        NEXT_UPDATE,
      ].join('\n'),
    },
    public: { name: 'publicUpdate', text: '{{text}}', own: ['text'] },
  },
  'update-reminded': {
    own: ['dueAt', 'audiences', 'both', 'forPublic', 'inShort'],
    timeline:
      'Reminder: {{#both}}internal and public updates are{{/both}}{{^both}}the {{audiences}} update is{{/both}} due soon',
    notice: {
      name: 'updateReminder',
      text:
        '{{#both}}Internal and public updates are{{/both}}{{^both}}The {{audiences}} update is{{/both}} due at {{dueAt}}: ' +
        `${UPDATE_COMMAND}. ` +
        'Draft: Status: {{status}}. Impact: {{inShort}}.' +
        '{{#wanted}} Needed: {{wanted}}.{{/wanted}}',
    },
  },
  'update-missed': {
    own: ['dueAt', 'audiences', 'both', 'forPublic', 'missedInternal', 'held', 'renewed'],
    timeline:
      '{{#both}}Internal and public updates were{{/both}}{{^both}}The {{audiences}} update was{{/both}} missed{{#held}}; a holding update went out{{/held}}' +
      '{{#renewed}}; the last one on the public page was renewed{{/renewed}}',
    chat: {
      name: 'holdingUpdate',
      text: [
        '{{#missedInternal}}',
        'UPDATE [{{dueAt}}]',
        'Status: {{status}}',
        'No news since the last update.',
        NEXT_UPDATE,
        '{{/missedInternal}}',
      ].join('\n'),
    },
    notice: {
      name: 'updateMissedNotice',
      text:
        '{{#both}}Internal and public updates due at {{dueAt}} were{{/both}}' +
        '{{^both}}The {{audiences}} update due at {{dueAt}} was{{/both}} missed' +
        `{{#held}}; a holding update without news went out{{/held}}. Post one now: ${UPDATE_COMMAND}.`,
    },
    public: {
      name: 'publicHolding',
      text:
        '{{#monitoring}}We are still monitoring {{component}}.{{/monitoring}}' +
        `{{^monitoring}}We are still working on the problem with {{component}}.${PUBLIC_IMPACT}{{/monitoring}}`,
      own: ['monitoring'],
    },
  },
  'public-communication-started': {
    timeline: 'First public entry: {{reason}}',
    public: { name: 'publicInvestigating', text: `We are investigating a problem with {{component}}.${PUBLIC_IMPACT}` },
    draft: DRAFT_FOLLOWS,
  },
  'public-deadline-missed': {
    own: ['dueAt'],
    timeline: 'NOTHING IS PUBLIC: the first public entry was due at {{dueAt}}, and nobody has acknowledged',
    chat: { name: 'publicDeadlineMissed', text: `⚠ ${PUBLIC_DEADLINE}` },
    notice: { name: 'publicDeadlineNotice', text: PUBLIC_DEADLINE },
  },
  'note-added': { timeline: '{{text}}' },
  'cause-identified': {
    own: ['by', 'text'],
    timeline: 'Cause: {{text}}',
    chat: { name: 'causeIdentified', text: '{{by}} named the cause: {{text}}' },
    public: { name: 'publicCauseKnown', text: PUBLIC_IDENTIFIED },
  },
  'mitigation-decided': {
    own: ['by', 'decision', 'action', 'reason', 'rollback'],
    timeline: `${DECISION}{{#reason}}: {{reason}}{{/reason}}`,
    chat: {
      name: 'mitigationDecided',
      text: [
        `${DECISION}{{#reason}}: {{reason}}{{/reason}}{{^reason}}.{{/reason}}`,
        '{{#rollback}}',
        'Afterwards, check health and data integrity, clear caches and reset circuit breakers.',
        '{{/rollback}}',
        '{{^rollback}}',
        'Keep a rollback ready. The team stays on standby until monitoring ends.',
        '{{/rollback}}',
        NEXT_UPDATE,
      ].join('\n'),
    },
    public: {
      name: 'publicIdentified',
      text:
        `{{#identified}}${PUBLIC_IDENTIFIED}{{/identified}}` +
        '{{^identified}}We are restoring service, and still investigating the problem with {{component}}.{{/identified}}' +
        PUBLIC_IMPACT,
      own: ['identified'],
    },
  },
  'mitigation-reported': {
    own: ['by', 'outcome', 'text', 'worked', 'rollback', 'detail', 'called'],
    timeline: 'Mitigation {{outcome}}{{#text}}: {{text}}{{/text}}',
    chat: {
      name: 'mitigationReported',
      text:
        '{{by}}: the {{#rollback}}rollback{{/rollback}}{{^rollback}}fix{{/rollback}} ' +
        '{{#worked}}worked{{/worked}}{{^worked}}FAILED{{/worked}}' +
        '{{#detail}}: {{detail}}{{/detail}}{{^detail}}.{{/detail}}' +
        '{{^worked}}{{#rollback}}{{#called}} Paging {{called}}.{{/called}}{{/rollback}}' +
        '{{^rollback}} Roll back, then check health again.{{/rollback}}{{/worked}}',
    },
    public: {
      name: 'publicMitigationFailed',
      text: `Our attempt to fix the problem with {{component}} did not work. We are still working on it.${PUBLIC_IMPACT}`,
    },
  },
  'monitoring-started': {
    own: ['by', 'resolution', 'monitoringUntil', 'fix'],
    timeline:
      '{{#resolution}}Fixed: {{resolution}}{{/resolution}}{{^resolution}}All alerts have cleared{{/resolution}}; monitoring',
    chat: {
      name: 'monitoringStarted',
      text: [
        '{{#fix}}Fixed: {{fix}}{{/fix}}{{^fix}}All alerts have cleared.{{/fix}} Monitoring until {{monitoringUntil}}.' +
          '{{#firing}} Still firing: {{firing}}.{{/firing}}',
        NEXT_UPDATE,
      ].join('\n'),
    },
    notice: { name: 'clearedNotice', text: '{{#by}}Fixed by {{by}}.{{/by}}{{^by}}Cleared by itself.{{/by}}' },
    public: {
      name: 'publicMonitoring',
      text:
        '{{#unproven}}We have applied a fix for the problem with {{component}} and are checking whether it works.{{/unproven}}' +
        '{{^unproven}}{{#fixed}}A fix for {{component}} is in place.{{/fixed}}' +
        '{{^fixed}}The problem with {{component}} has cleared.{{/fixed}} We are monitoring it.{{/unproven}}',
      own: ['fixed', 'unproven'],
    },
    draft: DRAFT_FOLLOWS,
  },
  'resolve-confirmed': { timeline: '{{by}} confirmed: {{resolution}}' },
  'confirmation-requested': {
    timeline: 'The monitoring window has ended quietly: asked whether customer impact has recovered',
    chat: { name: 'confirmationRequested', text: CONFIRM },
    notice: { name: 'confirmationNotice', text: CONFIRM },
  },
  recurred: {
    own: ['what', 'flapping'],
    timeline: 'It is back: {{what}}{{#flapping}} (flapping){{/flapping}}',
    chat: {
      name: 'recurred',
      text: ['It is back: {{what}}.{{#flapping}} This incident is flapping.{{/flapping}}', NEXT_UPDATE].join('\n'),
    },
    public: PUBLIC_BACK,
  },

  // The end, and what follows
  resolved: {
    own: ['resolution', 'outcome', 'byItself', 'postmortemOwner', 'postmortemDue'],
    timeline: 'Resolved{{#byItself}}: it recovered by itself{{/byItself}}',
    chat: {
      name: 'allClear',
      text: [
        'ALL CLEAR: {{title}} is resolved' +
          '{{#byItself}} (it recovered by itself).{{/byItself}}{{^byItself}}. The team stands down.{{/byItself}}',
        '{{#postmortemDue}}',
        'Post-mortem{{#postmortemOwner}} by {{postmortemOwner}}{{/postmortemOwner}}, due at {{postmortemDue}}. ' +
          'Add action items with an owner and a date.',
        '{{/postmortemDue}}',
      ].join('\n'),
    },
    public: { name: 'publicResolved', text: 'The problem with {{component}} is resolved.' },
    draft: LAST_DRAFT,
  },
  reopened: {
    own: ['by', 'reason'],
    timeline: '{{by}} reopened this: {{reason}}',
    chat: { name: 'reopened', text: ['Reopened by {{by}}: {{reason}}', NEXT_UPDATE].join('\n') },
    public: PUBLIC_BACK,
    stakeholders: 'The incident is not over: {{reason}}',
  },
  'false-alarm-declared': {
    own: ['by', 'reason'],
    timeline: FALSE_ALARM,
    chat: { name: 'falseAlarm', text: FALSE_ALARM },
    notice: { name: 'falseAlarmNotice', text: FALSE_ALARM },
    public: { name: 'publicFalseAlarm', text: 'This was a false alarm: there was no problem with {{component}}.' },
    draft: FALSE_ALARM_DRAFT,
  },
  closed: {
    own: ['by', 'reason', 'left'],
    timeline: 'Closed{{#reason}}: {{reason}}{{/reason}}{{#left}}. Left open: {{left}}.{{/left}}',
    ticket: { name: 'closed', text: '{{#left}}Closed. Left open: {{left}}.{{/left}}' },
  },
  'test-ended': { timeline: 'The test is over' },
  'draft-ready': { timeline: 'The export and the post-mortem draft are ready' },
  'draft-late': {
    timeline:
      'THE EXPORT AND THE POST-MORTEM DRAFT ARE LATE: not ready two hours after the incident ended; still trying',
    chat: {
      name: 'draftLate',
      text: '⚠ The export and the post-mortem draft are not ready two hours after the incident ended. Still trying.',
    },
  },
  'evidence-settled': {
    own: ['hook', 'problem'],
    timeline:
      '{{#problem}}EVIDENCE NOT KEPT: {{hook}} ({{problem}}){{/problem}}{{^problem}}Told {{hook}} to keep evidence{{/problem}}',
    chat: { name: 'evidenceSettled', text: '{{#problem}}⚠ EVIDENCE NOT KEPT: {{hook}} ({{problem}}){{/problem}}' },
  },
  'follow-ups-reviewed': {
    own: ['name', 'postmortemDue', 'begun', 'due', 'overdue', 'items', 'itemList'],
    timeline:
      'Reminder: {{#begun}}post-mortem to write{{/begun}}{{#due}}post-mortem due{{/due}}' +
      '{{#overdue}}post-mortem OVERDUE{{/overdue}}{{#both}}; {{/both}}{{#items}}action items {{items}}{{/items}}',
    chat: { name: 'followUpsReviewed', text: OVERDUE },
    ticket: {
      name: 'followUpsReviewed',
      text: `{{#begun}}The post-mortem of {{name}} is ${DUE_LATER}{{/begun}}${DUE}`,
    },
    notice: {
      name: 'followUpsNotice',
      text: [
        `{{#begun}}The post-mortem of {{name}} is yours, ${DUE_LATER}{{/begun}}${DUE}`,
        '{{#itemList}}',
        'Your open action items of {{name}}:',
        '{{itemList}}',
        '{{/itemList}}',
      ].join('\n'),
    },
  },
  'postmortem-completed': {
    own: ['by', 'postmortemUrl'],
    timeline: '{{by}} completed the post-mortem{{#postmortemUrl}}: {{postmortemUrl}}{{/postmortemUrl}}',
    chat: {
      name: 'postmortemCompleted',
      text: '{{by}} completed the post-mortem{{#postmortemUrl}}: {{postmortemUrl}}{{/postmortemUrl}}',
    },
  },
  'action-item-added': {
    own: ['by', 'item'],
    timeline: 'Action item {{item}}',
    ticket: { name: 'actionItemAdded', text: '{{by}} added action item {{item}}' },
  },
  'action-item-completed': {
    own: ['by', 'item'],
    timeline: '{{by}} completed action item {{item}}',
    ticket: { name: 'actionItemCompleted', text: '{{by}} completed action item {{item}}' },
  },
  'review-planned': {},

  // Merging
  'merge-requested': {
    own: ['by', 'into', 'alert'],
    timeline: '{{by}} asked to merge this into {{into}}{{#alert}}: the same alert fires there ({{alert}}){{/alert}}',
  },
  'merge-refused': {
    own: ['by', 'into', 'reason'],
    timeline: 'Not merged into {{into}}: {{reason}}',
    chat: { name: 'mergeRefused', text: 'Not merged into {{into}}: {{reason}}.' },
  },
  merged: {
    own: ['by', 'into', 'sameAlert'],
    timeline: MERGED,
    chat: { name: 'merged', text: MERGED },
    notice: { name: 'mergedNotice', text: MERGED },
    public: {
      name: 'publicMerged',
      text:
        'The problem with {{component}} is part of {{#intoComponent}}the problem with {{intoComponent}}{{/intoComponent}}' +
        '{{^intoComponent}}another problem{{/intoComponent}} and is followed there.',
      own: ['intoComponent'],
    },
    stakeholders: 'This incident was merged into {{into}}. Follow it there.',
  },
  'merge-target-changed': { timeline: 'The incident this was merged into is now part of {{into}}' },
  'merge-target-closed': {
    timeline:
      '{{target}}{{^target}}The incident this was merged into{{/target}} is over; ' +
      'alerts that fire here from now on open a new incident',
  },
  'incident-merged-in': {
    own: ['by', 'from'],
    timeline: '{{from}} was merged into this',
    chat: { name: 'incidentMergedIn', text: '{{from}} was merged into this. Its alerts count here from now on.' },
  },
  'merged-incident-released': {
    own: ['from'],
    timeline: '{{from}} was reopened and took its alerts back',
    chat: { name: 'mergedIncidentReleased', text: '{{from}} was reopened and took its alerts back.' },
  },
  'acknowledgement-required': {
    own: ['from'],
    timeline: 'Nobody has acknowledged {{from}}: escalation starts again',
    chat: {
      name: 'acknowledgementRequired',
      text: 'Nobody has acknowledged {{from}}: somebody has to acknowledge here.',
    },
  },
  'merge-redirected': {},
  'alerts-joined': {},
  'alerts-forwarded': {},
  'alerts-returned': {},
  'merge-message-queued': {},
  'merge-message-sent': {},

  // Bookkeeping
  'policy-move-requested': { timeline: "{{by}} asked to switch this to today's configuration" },
  'policy-kept': { timeline: 'The policy stays as it is: {{reason}}' },
  'policy-moved': { timeline: "Now uses today's configuration ({{digest}})" },
  'notification-failed': {
    timeline:
      '{{#givenUp}}Gave up on a message ({{channel}}): {{reason}}{{/givenUp}}' +
      '{{^givenUp}}Could not deliver the {{channel}} yet: {{reason}}{{/givenUp}}',
  },
  'command-refused': { timeline: '{{command}} refused: {{reason}}' },
  'notification-accepted': {},
  answered: {},
} as const satisfies Readonly<Record<EventType, EventTexts>>;
