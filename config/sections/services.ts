/** `services`: who owns what monitoring watches, and what the public calls it. */
import type { z } from 'zod';
import { didYouMean } from '../../runtime/did-you-mean.ts';
import { id, link, mapOf, orNull, strict, text } from '../../runtime/setting-schemas.ts';
import type { Report, Section } from '../config.ts';
import type { ConfigDraft } from '../draft.ts';
import type { Path } from '../problems.ts';
import { checkPagerdutyService } from './contacts.ts';

export interface Service extends z.output<typeof service> {
  readonly id: string;
}

const service = strict({
  team: orNull(id),
  owner: orNull(text(100)),
  runbook: orNull(link),
  dashboard: orNull(link),
  component: orNull(text(100)),
  /** Name of the PagerDuty service that owns the escalation; the team's levels are used only when it cannot be reached. */
  pagerduty: orNull(text(100)),
});

export const servicesSection: Section<ReadonlyMap<string, Service>, ReadonlyMap<string, z.output<typeof service>>> = {
  schema: mapOf(text(200), service, 'services, e.g. payments: { team: platform }').prefault({}),
  complete: (services, draft, report) =>
    new Map(
      [...services].map(([name, parsed]) => {
        const { team, pagerduty } = parsed;
        if (team !== null) checkTeamName(team, draft, report, [name, 'team']);
        if (pagerduty !== null) {
          checkPagerdutyService(pagerduty, 'this service would page nobody', draft, report, [name, 'pagerduty']);
        }
        return [name, { id: name, ...parsed }];
      }),
    ),
  notSupportedYet: (services) =>
    [...services].flatMap(([name, { owner }]) =>
      owner === null ? [] : [`services.${name}.owner: it is kept, but shown nowhere yet`],
    ),
};

export function checkTeamName(name: string, draft: ConfigDraft, report: Report, path: Path): void {
  const known = draft.namesIn('teams');
  if (!known.has(name)) report(path, `no team is called "${name}": ${didYouMean(name, [...known])}`);
}

export function checkServiceName(name: string, draft: ConfigDraft, report: Report, path: Path): void {
  const known = draft.namesIn('services');
  if (!known.has(name)) report(path, `nothing under services is called "${name}": ${didYouMean(name, [...known])}`);
}
