/** Notices: messages to people that page nobody. Pure. */
import { spokesperson } from './update-schedule.ts';
import { followUpNotices } from '../post-incident/follow-up-texts.ts';
import type { EventOf, IncidentEvent } from '../kernel/events.ts';
import { impactText } from '../kernel/impact.ts';
import type { Incident } from '../kernel/incident.ts';
import type { NoticeEntry } from '../kernel/outbox.ts';
import { handOverText, holderOf, ROLE_NAMES, wantedText } from '../kernel/roles.ts';
import { STALE_QUESTION, staleText } from './stale-text.ts';
import type { Text } from '../kernel/text.ts';
import { truncate } from '../kernel/text.ts';

type Notice = Pick<NoticeEntry, 'to' | 'except' | 'text' | 'fallbackTo'>;

/** Messages to people that page nobody. */
export function noticeFor(before: Incident, after: Incident, event: IncidentEvent): readonly Notice[] {
  if (after.test) return [];
  const others = [...new Set([...before.escalation.paged, ...before.escalation.leadershipPaged, ...inFlight(before)])];
  const tell = (to: readonly string[], text: Text, except: readonly string[] = []) =>
    to.some((name) => !except.includes(name)) ? [{ to, except, text }] : [];
  switch (event.type) {
    case 'acknowledged':
      return [...tell(others, [{ person: event.by }, ' has it.'], [event.by]), ...takingCommand(before, after)];
    case 'merged':
      return tell(others, [`Merged into ${event.into.name}, which goes on there.`], [event.by]);
    case 'false-alarm-declared':
      return tell(others, ['False alarm, says ', { person: event.by }, `: ${event.reason}`], [event.by]);
    case 'monitoring-started':
      return before.acknowledgedAt === null ? tell(others, ['Cleared by itself.']) : [];
    case 'update-reminded': {
      const who = spokesperson(after);
      return who === null ? [] : tell([who], reminder(after, event.audiences, event.dueAt));
    }
    case 'update-missed': {
      const { ic, communicationsLead } = after.roles;
      const who = [...new Set([communicationsLead, ic])].filter((person) => person !== null);
      return tell(who, [`The ${event.audiences.join(' and ')} update due at `, { at: event.dueAt }, ' was missed.']);
    }
    case 'alerts-stale': {
      const text = staleText(after, event);
      return text === '' ? [] : tell(whoHasIt(after, others), [text, STALE_QUESTION]);
    }
    case 'role-assigned':
      return event.person === before.roles[event.role] ? [] : tell([event.person], roleText(after, event));
    case 'inactivity-nudged':
      return tell(whoHasIt(after, []), [STILL_ON_IT]);
    case 'follow-ups-reviewed':
      return followUpNotices(after, event);
    case 'confirmation-requested':
      return after.roles.ic === null
        ? []
        : tell(
            [after.roles.ic],
            ['The watch is over and quiet. Is customer impact recovered? Please confirm with resolve.'],
          );
    default:
      return [];
  }
}

/** The IC; while nobody has acknowledged, everyone who was paged. */
/** Somebody answers in place of a commander who could not be reached. */
function takingCommand(before: Incident, after: Incident): readonly Notice[] {
  const { ic } = after.roles;
  if (before.acknowledgedAt === null || ic === null || ic === before.roles.ic) return [];
  return [{ to: [ic], except: [], text: handOverText(after) }];
}

function whoHasIt(incident: Incident, paged: readonly string[]): readonly string[] {
  const person = holderOf(incident);
  return person === null ? paged : [person];
}

/** Names in pages that have not come back yet: they may have been reached. */
function inFlight({ outbox }: Incident): readonly string[] {
  return outbox.pages.flatMap(({ targets }) => targets.flatMap(({ names }) => names));
}

function reminder(after: Incident, audiences: readonly string[], dueAt: number): Text {
  const impact = after.impact === null ? after.summary || after.title : impactText(after.impact);
  const draft = `Status: ${after.phase}. Impact: ${impact}.`;
  const wanted = wantedText(after);
  return [
    `The ${audiences.join(' and ')} update is due at `,
    { at: dueAt },
    `. Draft: ${truncate(draft, 400)}${wanted === '' ? '' : ` ${wanted}`}`,
  ];
}

const STILL_ON_IT =
  'Nobody has been heard of for a while. Still on it? Any word will do: a note, an update, or the link of this message.';

function roleText(after: Incident, { by, person, role }: EventOf<'role-assigned'>): Text {
  const from: Text = by === person ? [] : ['\n(Given to you by ', { person: by }, '.)'];
  if (role === 'ic') return [...handOverText(after), ...from];
  return [`You are ${ROLE_NAMES[role]} of ${after.severity} "${after.title}".`, ...from];
}
