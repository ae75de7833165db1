/**
 * Stakeholder updates: what stakeholders are told without being paged. Our own people hear of the start, every update and
 * the end; the outside hears only what a person has said to the public, and gets drafts made for that person. RUNBOOK
 * P3. Pure.
 */
import { mayGoPublic, referenceOf } from '../kernel/queries.ts';
import type { IncidentEvent } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import type { NoticeEntry, StakeholderUpdateEntry, StakeholderUpdateTemplate } from '../kernel/outbox.ts';
import type { PolicyStakeholder } from '../kernel/policy.ts';
import { fillTemplate, joinList, lookupIn, truncate } from '../kernel/text.ts';
import type { EventTexts } from './catalogue.ts';
import { EVENT_TEXTS } from './catalogue.ts';
import { publicStateOf } from './public-state.ts';
import { allowedValues } from './templates.ts';
import { externalTextValuesFor, publicTextValuesFor, textValuesFor } from './text-values.ts';
import { spokesperson } from './update-schedule.ts';

type StakeholderUpdate = Pick<StakeholderUpdateEntry, 'template' | 'to' | 'textValues'>;
type Draft = Pick<NoticeEntry, 'to' | 'except' | 'text' | 'draft'>;

/** The outbox with the stakeholder updates about `event`. Who has had one gets the others too. */
export function withStakeholderUpdates(
  before: Incident,
  event: IncidentEvent,
  after: Incident,
): Pick<Incident, 'outbox' | 'communications'> {
  const { outbox, communications } = after;
  // To the outside never of restricted incidents.
  const updates = [...internalUpdates(before, after, event), ...externalUpdates(after, event)].filter(
    ({ to }) => to.length > 0,
  );
  if (updates.length === 0) return { outbox, communications };
  const { at, type: about } = event;
  const { lastNumber, stakeholderUpdates: pending = [] } = outbox;
  const entries = updates.map((update, i) => ({ n: lastNumber + 1 + i, at, about, ...update }));
  const informed = [...(communications.updatedStakeholders ?? []), ...updates.flatMap(({ to }) => to)];
  return {
    outbox: { ...outbox, stakeholderUpdates: [...pending, ...entries], lastNumber: lastNumber + updates.length },
    communications: { ...communications, updatedStakeholders: [...new Set(informed)] },
  };
}

function internalUpdates(before: Incident, after: Incident, event: IncidentEvent): readonly StakeholderUpdate[] {
  const update = (template: StakeholderUpdateTemplate, whom: 'known' | 'fresh'): StakeholderUpdate => {
    const to = audienceOf(after, 'internal')[whom];
    const values = textValuesFor(before, after, event);
    const { stakeholders }: EventTexts = EVENT_TEXTS[event.type];
    const text = stakeholders === undefined ? undefined : fillTemplate(stakeholders, values);
    return {
      template,
      to,
      textValues: allowedValues(template, (name) => (name === 'text' && text !== undefined ? text : values(name))),
    };
  };
  switch (event.type) {
    case 'declared':
    case 'policy-moved':
      return [update('internalMail', 'fresh')];
    case 'severity-changed':
      return [update('internalMail', 'fresh'), update('internalMailUpdate', 'known')];
    case 'update-posted':
    case 'merged':
      return [update('internalMailUpdate', 'known')];
    case 'reopened':
      // While it was monitored nobody has heard that it was over.
      return before.phase === 'monitoring' ? [] : [update('internalMailUpdate', 'known')];
    case 'resolved':
    case 'false-alarm-declared':
      return [update('internalMailResolved', 'known')];
    default:
      return [];
  }
}

/** A person decides what goes outside: by an update for the public, in that person's words. */
function externalUpdates(after: Incident, event: IncidentEvent): readonly StakeholderUpdate[] {
  if (event.type !== 'update-posted' || event.audience !== 'public' || !mayGoPublic(after)) return [];
  const { known, fresh } = audienceOf(after, 'external');
  const textValues = externalTextValuesFor(after, event);
  const isOver = publicStateOf(after) === 'Resolved';
  const next = isOver ? 'externalMailResolved' : 'externalMailUpdate';
  return [
    { template: 'externalMail', to: fresh, textValues },
    { template: next, to: known, textValues },
  ];
}

/** Drafts of what would go outside, for the person who speaks for us. */
export function draftsFor(before: Incident, event: IncidentEvent, after: Incident): readonly Draft[] {
  const who = spokesperson(after);
  if (who === null || !mayGoPublic(after)) return [];
  const { known, fresh } = audienceOf(after, 'external');
  const draft = (to: readonly string[], template: StakeholderUpdateTemplate): readonly Draft[] => {
    if (to.length === 0) return [];
    const { draft: introduction = '', public: entry }: EventTexts = EVENT_TEXTS[event.type];
    // The first e-mail says by itself what is known; the others say what the public page says.
    const said = template === 'externalMail' ? undefined : entry?.text;
    const text = said === undefined ? {} : { text: fillTemplate(said, publicTextValuesFor(after, event)) };
    const textValues = { ...externalTextValuesFor(after, event), ...text };
    const whom = truncate(joinList(to), 300);
    return [
      {
        to: [who],
        except: [],
        text: fillTemplate(
          introduction,
          lookupIn({ whom, ref: referenceOf(after), ...(known.length === 0 ? { first: 'yes' } : {}) }),
        ),
        draft: { template, textValues },
      },
    ];
  };
  switch (event.type) {
    case 'public-communication-started':
      return draft([...known, ...fresh], 'externalMail');
    case 'acknowledged':
      // It was public before anybody was there to write.
      return before.acknowledgedAt === null && after.communications.publicSchedule !== null && known.length === 0
        ? draft(fresh, 'externalMail')
        : [];
    case 'monitoring-started':
      return draft(known, 'externalMailUpdate');
    case 'resolved':
    case 'false-alarm-declared':
      return draft(known, 'externalMailResolved');
    default:
      return [];
  }
}

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
