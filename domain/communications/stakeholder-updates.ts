/**
 * Stakeholder updates: what stakeholders are told without being paged. Our own people hear of the beginning, of every update and of
 * the end; the outside hears only what a person has said to the public, and gets drafts made for that person. RUNBOOK
 * P3. Pure.
 */
import { mayGoPublic, spokesperson } from './update-schedule.ts';
import type { IncidentEvent } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import { externalTextValuesFor, textValuesFor } from './text-values.ts';
import type { TextValues, StakeholderUpdateEntry, NoticeEntry } from '../kernel/outbox.ts';
import type { PolicyStakeholder } from '../kernel/policy.ts';
import type { StakeholderUpdateTemplate } from '../kernel/templates.ts';
import { truncate, joinList } from '../kernel/text.ts';

type StakeholderUpdate = Pick<StakeholderUpdateEntry, 'template' | 'to' | 'textValues'>;
type Draft = Pick<NoticeEntry, 'to' | 'except' | 'text' | 'draft'>;

/** `after` with the stakeholder updates that `event` owes, which led there. Who has had one hears the rest. */
export function withStakeholderUpdates(before: Incident, after: Incident, event: IncidentEvent): Incident {
  const stakeholderUpdates = stakeholderUpdatesFor(before, after, event);
  if (stakeholderUpdates.length === 0) return after;
  const { at, type: about } = event;
  const { lastNumber, stakeholderUpdates: owed = [] } = after.outbox;
  const orders = stakeholderUpdates.map((stakeholderUpdate, i) => ({
    n: lastNumber + 1 + i,
    at,
    about,
    ...stakeholderUpdate,
  }));
  return {
    ...after,
    outbox: {
      ...after.outbox,
      stakeholderUpdates: [...owed, ...orders],
      lastNumber: lastNumber + stakeholderUpdates.length,
    },
    communications: {
      ...after.communications,
      updatedStakeholders: [
        ...new Set([
          ...(after.communications.updatedStakeholders ?? []),
          ...stakeholderUpdates.flatMap(({ to }) => to),
        ]),
      ],
    },
  };
}

/** Never for tests; to the outside never of restricted incidents. */
function stakeholderUpdatesFor(before: Incident, after: Incident, event: IncidentEvent): readonly StakeholderUpdate[] {
  if (after.test || after.policy.stakeholders === undefined) return [];
  const stakeholderUpdates = [
    ...internalStakeholderUpdates(before, after, event),
    ...externalStakeholderUpdates(after, event),
  ];
  return stakeholderUpdates.filter(({ to }) => to.length > 0);
}

function internalStakeholderUpdates(
  before: Incident,
  after: Incident,
  event: IncidentEvent,
): readonly StakeholderUpdate[] {
  const stakeholderUpdate = (
    template: StakeholderUpdateTemplate,
    to: readonly string[],
    more: TextValues = {},
  ): StakeholderUpdate => ({
    template,
    to,
    textValues: { ...textValuesFor(after, event), ...more },
  });
  const { known, fresh } = audienceOf(after, 'internal');
  switch (event.type) {
    case 'declared':
    case 'policy-moved':
      return [stakeholderUpdate('internalMail', fresh)];
    case 'severity-changed': {
      const text = `Severity: ${event.from} → ${event.to}. ${event.reason}`;
      return [stakeholderUpdate('internalMail', fresh), stakeholderUpdate('internalMailUpdate', known, { text })];
    }
    case 'update-posted':
      return [stakeholderUpdate('internalMailUpdate', known)];
    case 'reopened':
      // In the watch nobody has heard that it was over.
      return before.phase === 'monitoring'
        ? []
        : [stakeholderUpdate('internalMailUpdate', known, { text: `It is not over: ${event.reason}` })];
    case 'merged':
      return [
        stakeholderUpdate('internalMailUpdate', known, {
          text: `Merged into ${event.into.name}, which goes on there.`,
        }),
      ];
    case 'resolved':
    case 'false-alarm-declared':
      return [stakeholderUpdate('internalMailResolved', known)];
    default:
      return [];
  }
}

/** A person sends what goes outside: by an update for the public, in that person's words. */
function externalStakeholderUpdates(after: Incident, event: IncidentEvent): readonly StakeholderUpdate[] {
  if (event.type !== 'update-posted' || event.audience !== 'public' || !mayGoPublic(after)) return [];
  const { known, fresh } = audienceOf(after, 'external');
  const textValues = externalTextValuesFor(after, event);
  const next = after.communications.publicState === 'Resolved' ? 'externalMailResolved' : 'externalMailUpdate';
  return [
    { template: 'externalMail', to: fresh, textValues },
    { template: next, to: known, textValues },
  ];
}

/** Drafts of what would go outside, for whoever speaks. */
export function draftsFor(before: Incident, after: Incident, event: IncidentEvent): readonly Draft[] {
  const who = spokesperson(after);
  if (who === null || !mayGoPublic(after) || after.policy.stakeholders === undefined) return [];
  const { known, fresh } = audienceOf(after, 'external');
  const everybody = [...known, ...fresh];
  const what = after.component ?? 'our services';
  const draft = (
    to: readonly string[],
    words: string,
    template: StakeholderUpdateTemplate,
    text?: string,
  ): readonly Draft[] => {
    if (to.length === 0) return [];
    const fields = externalTextValuesFor(after, event);
    const drafted = { template, textValues: text === undefined ? fields : { ...fields, text } };
    return [{ to: [who], except: [], text: [words.replace('WHOM', truncate(joinList(to), 300))], draft: drafted }];
  };
  switch (event.type) {
    case 'public-communication-started':
      return draft(everybody, FIRST_DRAFT, 'externalMail');
    case 'acknowledged':
      // It was public before anybody was there to write.
      return before.acknowledgedAt === null && after.communications.publicSchedule !== null && known.length === 0
        ? draft(everybody, FIRST_DRAFT, 'externalMail')
        : [];
    case 'monitoring-started':
      return draft(known, NEXT_DRAFT, 'externalMailUpdate', `A fix for ${what} is in place. We are watching it.`);
    case 'resolved':
      return draft(known, LAST_DRAFT, 'externalMailResolved', `The problem with ${what} is resolved.`);
    case 'false-alarm-declared':
      return draft(known, LAST_DRAFT, 'externalMailResolved', `This was a false alarm: ${what} had no problem.`);
    default:
      return [];
  }
}

const FIRST_DRAFT =
  'Nobody outside has been written to. An update for the public goes to WHOM too, in your words. Draft:';
const NEXT_DRAFT = 'An update for the public goes to WHOM too, in your words. Draft:';
const LAST_DRAFT = 'Only people write to the outside: please tell WHOM that it is over. Draft:';

/** Who of that audience has had a stakeholder update, and who should have one by the severity of now. */
function audienceOf(
  { policy, severity, highestSeverity, restricted, communications: { updatedStakeholders = [] } }: Incident,
  audience: PolicyStakeholder['audience'],
): { readonly known: readonly string[]; readonly fresh: readonly string[] } {
  const may = (policy.stakeholders ?? []).filter((one) => one.audience === audience && (!restricted || one.restricted));
  const wants = ({ severities }: PolicyStakeholder): boolean =>
    severities.includes(severity) || (audience === 'external' && severities.includes(highestSeverity));
  const names = (some: readonly PolicyStakeholder[]): readonly string[] => some.map(({ name }) => name);
  return {
    known: names(may.filter(({ name }) => updatedStakeholders.includes(name))),
    fresh: names(may.filter((one) => !updatedStakeholders.includes(one.name) && wants(one))),
  };
}
