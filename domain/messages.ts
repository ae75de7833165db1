/**
 * The words of the default chat posts. Those of the public page are in `public-entries.ts`, those for single people
 * in `notices.ts`. Pure.
 */
import { nameOf } from './alert-names.ts';
import { updateDueAt } from './clocks.ts';
import type { EventType, IncidentEvent } from './events.ts';
import type { Incident } from './incident.ts';
import type { PostOrder } from './orders.ts';
import { STALE_QUESTION, staleText } from './stale-words.ts';
import type { Text } from './text.ts';
import { clip, listed } from './text.ts';
import { firing } from './watch.ts';

/** The line for the team's chat; null when the event is not worth one. */
export function postFor(before: Incident, after: Incident, event: IncidentEvent): Text | null {
  const text = chatText(before, after, event);
  if (text === null) return null;
  return after.test ? ['[TEST] ', ...text] : text;
}

/** What people outside the incident follow it by: announced in the releases channel, then told in that thread. */
const FOLLOWED: readonly EventType[] = [
  'severity-changed',
  'update-posted',
  'update-missed',
  'mitigation-decided',
  'mitigation-reported',
  'watch-opened',
  'recurred',
  'reopened',
  'resolved',
  'false-alarm-declared',
];

/** Whether the post of `event` goes to the releases channel too, and how. Restricted incidents and tests never do. */
export function releasesFor({ test, restricted }: Incident, { type }: IncidentEvent): PostOrder['releases'] {
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
        ...nextUpdate(after),
      ];
    case 'acknowledged':
      return before.acknowledgedAt === null
        ? [{ person: event.by }, ' has it and is incident commander.', ...nextUpdate(after)]
        : [{ person: event.by }, ' has it.'];
    case 'chain-exhausted':
      return [
        `⚠ CHAIN EXHAUSTED: nobody has acknowledged ${after.severity} "${after.title}" after pass ${event.round} of the whole chain.`,
        event.last ? ' Nobody is left to page.' : ' Starting again.',
      ];
    case 'severity-changed':
      return [`Severity: ${event.from} → ${event.to}. ${event.reason}`];
    case 'role-assigned':
      return [{ person: event.person }, ` is ${ROLE_NAMES[event.role]}.`];
    case 'update-posted':
      return [
        'UPDATE [',
        { at: event.at },
        `]\nStatus: ${event.status ?? after.phase}\n${event.text}`,
        ...nextUpdate(after),
      ];
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
        ...nextUpdate(after),
      ];
    case 'mitigation-reported':
      return mitigationText(after, event);
    case 'watch-opened':
      return [
        event.by === null ? 'Every alert has cleared. ' : `Fixed: ${sentence(event.resolution ?? '')} `,
        'Watching until ',
        { at: after.watch?.endsAt ?? event.at },
        '.',
        ...stillFiring(after),
        ...nextUpdate(after),
      ];
    case 'confirmation-asked':
      return ['The watch is over and quiet. Is customer impact recovered? Confirm with `resolve`.'];
    case 'alerts-stale': {
      const text = staleText(after, event);
      return text === '' ? null : [text, STALE_QUESTION];
    }
    case 'recurred':
      return [
        `It is back: ${listed(event.titles)}.`,
        ...(after.flapping ? [' This incident is flapping.'] : []),
        ...nextUpdate(after),
      ];
    case 'reopened':
      return ['Reopened by ', { person: event.by }, `: ${event.reason}`, ...nextUpdate(after)];
    case 'resolved':
      return [
        `ALL CLEAR: ${after.title} is resolved`,
        after.outcome === 'auto-recovered' ? ' (it recovered by itself).' : '. The team stands down.',
      ];
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
      return null;
  }
}

const ROLE_NAMES = {
  ic: 'incident commander',
  technicalLead: 'technical lead',
  communicationsLead: 'communications lead',
  scribe: 'scribe',
} as const;

const DECISIONS = { rollback: 'Rolling back', 'fix-forward': 'Fixing forward' } as const;

function nextUpdate(after: Incident): Text {
  const dueAt = updateDueAt(after, 'internal');
  return dueAt === null ? [] : ['\nNext update: ', { at: dueAt }];
}

function stillFiring(after: Incident): Text {
  const left = firing(after).map(({ fingerprint }) => nameOf(after, fingerprint));
  return left.length === 0 ? [] : [` Still firing: ${clip(left.slice(0, 10).join(', '), 500)}.`];
}

/** A person's words, so that others can follow them. */
function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

function mitigationText(after: Incident, event: IncidentEvent & { type: 'mitigation-reported' }): Text {
  const detail = event.text === null ? '' : ` ${sentence(event.text)}`;
  if (event.outcome === 'worked') return [`The mitigation worked.${detail}`];
  if (after.decision === 'rollback') return [`The rollback FAILED.${detail} The head of engineering is paged.`];
  return [`The fix FAILED.${detail} Roll back, and check health again.`];
}
