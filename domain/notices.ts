/** Notices: messages to people that page nobody. Pure. */
import { spokesperson } from './clocks.ts';
import type { IncidentEvent } from './events.ts';
import type { Incident } from './incident.ts';
import type { NoticeOrder } from './orders.ts';
import { STALE_QUESTION, staleText } from './stale-words.ts';
import type { Text } from './text.ts';
import { clip } from './text.ts';

/** Messages to people that page nobody. */
export function noticeFor(
  before: Incident,
  after: Incident,
  event: IncidentEvent,
): readonly Pick<NoticeOrder, 'to' | 'except' | 'text'>[] {
  if (after.test) return [];
  const others = [...new Set([...before.paged, ...before.leadershipPaged, ...inFlight(before)])];
  const tell = (to: readonly string[], text: Text, except: readonly string[] = []) =>
    to.some((name) => !except.includes(name)) ? [{ to, except, text }] : [];
  switch (event.type) {
    case 'acknowledged':
      return tell(others, [{ person: event.by }, ' has it.'], [event.by]);
    case 'false-alarm-declared':
      return tell(others, ['False alarm, says ', { person: event.by }, `: ${event.reason}`], [event.by]);
    case 'watch-opened':
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
    case 'confirmation-asked':
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
function whoHasIt({ roles, acknowledgedBy }: Incident, paged: readonly string[]): readonly string[] {
  const person = roles.ic ?? acknowledgedBy;
  return person === null ? paged : [person];
}

/** Names in pages that have not come back yet: they may have been reached. */
function inFlight({ orders }: Incident): readonly string[] {
  return orders.pages.flatMap(({ targets }) => targets.flatMap(({ names }) => names));
}

function reminder(after: Incident, audiences: readonly string[], dueAt: number): Text {
  const draft = `Status: ${after.phase}. Impact: ${after.summary || after.title}.`;
  return [`The ${audiences.join(' and ')} update is due at `, { at: dueAt }, `. Draft: ${clip(draft, 400)}`];
}
