/**
 * The words of the default chat posts. Those of the public page are in `public-entries.ts`, those for single people
 * in `notices.ts`. Pure.
 */
import { nameOf } from '../kernel/alert-names.ts';
import { updateDueAt } from './update-schedule.ts';
import { postmortemDueText, followUpPost } from '../post-incident/follow-up-texts.ts';
import type { EventType, IncidentEvent } from '../kernel/events.ts';
import { adviceOn, impactText } from '../kernel/impact.ts';
import type { Incident } from '../kernel/incident.ts';
import type { PostEntry } from '../kernel/outbox.ts';
import { holderOf, missingRoles, ROLE_NAMES, wantedText } from '../kernel/roles.ts';
import { isMajor } from '../kernel/severity.ts';
import { STALE_QUESTION, staleText } from './stale-text.ts';
import type { Text } from '../kernel/text.ts';
import { truncate, joinList } from '../kernel/text.ts';
import { updateText } from './update-text.ts';
import { firingAlerts } from '../mitigation/monitoring-window.ts';

/** The line for the team's chat; null when the event is not worth one. */
export function postFor(before: Incident, after: Incident, event: IncidentEvent): Text | null {
  const text = chatText(before, after, event);
  if (text === null) return null;
  return after.test ? ['[TEST] ', ...text] : text;
}

/** What people outside the incident follow it by: announced in the releases channel, then told in that thread. */
const FOLLOWED: readonly EventType[] = [
  'impact-assessed',
  'severity-changed',
  'update-posted',
  'update-missed',
  'mitigation-decided',
  'mitigation-reported',
  'monitoring-started',
  'recurred',
  'reopened',
  'resolved',
  'false-alarm-declared',
  'merged',
  'incident-merged-in',
];

/** Whether the post of `event` goes to the releases channel too, and how. Restricted incidents and tests never do. */
export function releasesFor({ test, restricted }: Incident, { type }: IncidentEvent): PostEntry['releases'] {
  if (test || restricted) return null;
  if (type === 'declared') return 'announce';
  return FOLLOWED.includes(type) ? 'thread' : null;
}

function chatText(before: Incident, after: Incident, event: IncidentEvent): Text | null {
  switch (event.type) {
    case 'declared':
      return [
        `INCIDENT DECLARED: ${after.title}\nSeverity: ${after.severity}${after.severityGuessed ? ' (severity guessed)' : ''}`,
        `\nImpact: ${after.summary || 'not known yet'}\nStatus: Investigating\nIncident Commander: `,
        after.roles.ic === null ? 'nobody yet' : { person: after.roles.ic },
        ...nextUpdate(after, 'Next Update'),
      ];
    case 'acknowledged':
      return acknowledgedText(before, after, event.by);
    case 'ticket-reminded':
      return [
        `Nobody has acknowledged this ${after.severity} yet: ${after.title}. `,
        'It was due on this business day: acknowledge it, or say that it is a false alarm.',
      ];
    case 'inactivity-nudged':
      return ['Nobody has been heard of for a while. ', ...holder(after), 'still on it?'];
    case 'inactivity-paged':
      return ['Still no word: the incident commander is paged.'];
    case 'inactivity-escalated':
      return ['Still no word: the next level is paged. Whoever answers takes command.'];
    case 'still-on-it':
      return [{ person: event.by }, ' is still on it.'];
    case 'impact-assessed': {
      const advice = adviceOn(event.impact, after.severity);
      return [`Impact: ${truncate(impactText(event.impact), 1_000)}`, advice === '' ? '' : `\n${advice}`];
    }
    case 'escalation-exhausted':
      return [
        `⚠ CHAIN EXHAUSTED: nobody has acknowledged ${after.severity} "${after.title}" after pass ${event.cycle} of the whole chain.`,
        event.last ? ' Nobody is left to page.' : ' Starting again.',
      ];
    case 'severity-changed':
      return [`Severity: ${event.from} → ${event.to}. ${event.reason}`, ...wantedNow(before, after)];
    case 'role-assigned':
      return [{ person: event.person }, ` is ${ROLE_NAMES[event.role]}.`];
    case 'update-posted':
      return [...updateText(after, event), ...nextUpdate(after)];
    case 'update-missed':
      return event.audiences.includes('internal')
        ? [
            'UPDATE [',
            { at: event.dueAt },
            `]\nStatus: ${after.phase}\nNo news since the last update.`,
            ...nextUpdate(after),
          ]
        : null;
    case 'mitigation-decided':
      return [
        `${DECISIONS[event.decision]}, decided by `,
        { person: event.by },
        event.reason === null ? '.' : `: ${event.reason}`,
        `\n${AFTER[event.decision]}`,
        ...nextUpdate(after),
      ];
    case 'mitigation-reported':
      return mitigationText(after, event);
    case 'monitoring-started':
      return [
        event.by === null ? 'Every alert has cleared. ' : `Fixed: ${sentence(event.resolution ?? '')} `,
        'Watching until ',
        { at: after.mitigation.monitoringWindow?.endsAt ?? event.at },
        '.',
        ...stillFiring(after),
        ...nextUpdate(after),
      ];
    case 'confirmation-requested':
      return ['The watch is over and quiet. Is customer impact recovered? Confirm with `resolve`.'];
    case 'alerts-stale': {
      const text = staleText(after, event);
      return text === '' ? null : [text, STALE_QUESTION];
    }
    case 'recurred':
      return [
        `It is back: ${joinList(event.titles)}.`,
        ...(after.alerts.flapping ? [' This incident is flapping.'] : []),
        ...nextUpdate(after),
      ];
    case 'reopened':
      return ['Reopened by ', { person: event.by }, `: ${event.reason}`, ...nextUpdate(after)];
    case 'resolved':
      return [
        `ALL CLEAR: ${after.title} is resolved`,
        after.outcome === 'auto-recovered' ? ' (it recovered by itself).' : '. The team stands down.',
        ...postmortemDueText(after),
      ];
    case 'merged':
      return [`Merged into ${event.into.name}, says `, { person: event.by }, '. It goes on there.'];
    case 'merge-refused':
      return [`Not merged into ${event.into}: ${event.reason}.`];
    case 'incident-merged-in':
      return [`${event.from.name} was merged into this. Its alerts count here from now on.`];
    case 'merged-incident-released':
      return [`${event.from.name} is reopened and takes its alerts home.`];
    case 'acknowledgement-required':
      return [`Nobody has acknowledged ${event.from.name}: somebody has to answer here.`];
    case 'false-alarm-declared':
      return ['False alarm, says ', { person: event.by }, `: ${event.reason}`];
    case 'escalated':
      return [
        { person: event.by },
        ' escalates to ',
        event.to === null ? 'the next level' : event.to,
        `: ${event.reason}`,
      ];
    default:
      return followUpPost(after, event);
  }
}

const DECISIONS = { rollback: 'Rolling back', 'fix-forward': 'Fixing forward' } as const;

/** What the decision brings with it. */
const AFTER = {
  rollback: 'Afterwards: check health and the integrity of data, clear caches, reset circuit breakers.',
  'fix-forward': 'Keep a rollback ready. The team stays on standby until the watch is over.',
} as const;

/** The order of work, for those who have other things to think of now. */
const ORDER_OF_WORK =
  'Restore service first, then contain, then prevent further damage, and only then look for the cause. Roll back, ' +
  'unless a fix forward is minor, well understood and faster; also when the impact cannot be determined.';

function acknowledgedText(before: Incident, after: Incident, by: string): Text {
  if (before.acknowledgedAt !== null) {
    const commands = after.roles.ic === by && before.roles.ic !== by;
    return [{ person: by }, commands ? ' has it and takes command.' : ' has it.'];
  }
  const wanted = wantedText(after);
  return [
    { person: by },
    ' has it and is incident commander.',
    '\nIs it real? If not: `false-alarm`.',
    wanted === '' ? '' : `\n${wanted}`,
    isMajor(after.severity) ? `\n${ORDER_OF_WORK}` : '',
    ...nextUpdate(after),
  ];
}

/** Roles that a worse severity asks for; not before anybody is there to give them. */
function wantedNow(before: Incident, after: Incident): Text {
  const isNews = missingRoles(after).length > missingRoles(before).length && after.acknowledgedAt !== null;
  return isNews ? [`\n${wantedText(after)}`] : [];
}

function holder(after: Incident): Text {
  const person = holderOf(after);
  return person === null ? [] : [{ person }, ', '];
}

function nextUpdate(after: Incident, words = 'Next update'): Text {
  const dueAt = updateDueAt(after, 'internal');
  return dueAt === null ? [] : [`\n${words}: `, { at: dueAt }];
}

function stillFiring(after: Incident): Text {
  const left = firingAlerts(after).map(({ fingerprint }) => nameOf(after, fingerprint));
  return left.length === 0 ? [] : [` Still firing: ${truncate(left.slice(0, 10).join(', '), 500)}.`];
}

/** A person's words, so that others can follow them. */
function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

function mitigationText(after: Incident, event: IncidentEvent & { type: 'mitigation-reported' }): Text {
  const detail = event.text === null ? '' : ` ${sentence(event.text)}`;
  if (event.outcome === 'worked') return [`The mitigation worked.${detail}`];
  if (after.mitigation.decision === 'rollback')
    return [`The rollback FAILED.${detail} The head of engineering is paged.`];
  return [`The fix FAILED.${detail} Roll back, and check health again.`];
}
