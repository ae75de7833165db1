/** The whole file. What depends on two places at once is not here but in `checks/`. */
import { z } from 'zod';
import { postIncident } from './post-incident.ts';
import { later } from './later.ts';
import { type contact, person, service, team } from './people.ts';
import { route, sources } from './intake.ts';
import { maintenance } from './maintenance.ts';
import { monitoring, severities } from './promises.ts';
import { storm } from './storm.ts';
import { voices } from './voices.ts';
import { watching } from './watching.ts';
import { words } from './words.ts';
import { channel } from './channel.ts';
import { baseUrl, id, named, oneOrMany, strict, text, timeZone } from './primitives.ts';

const organization = z.union(
  [
    text(100).transform((name) => ({ name })),
    strict({
      name: text(100),
      timeZone: timeZone.optional(),
      leadership: oneOrMany(id, 'name a person or a list of people').optional(),
      releasesChannel: channel.optional(),
    }),
  ],
  { error: 'expected a name, or a mapping with name, timeZone, leadership, releasesChannel' },
);

export const fileSchema = strict({
  organization: organization.optional(),
  publicUrl: baseUrl.optional(),
  timeZone: timeZone.optional(),
  people: named(id, person, 'people, e.g. ana: { contact: [terminal] }'),
  teams: named(id, team, 'teams, e.g. platform: { onCall: ana }'),
  services: named(text(200), service, 'services, e.g. payments: { team: platform }').optional(),
  sources: sources.optional(),
  routes: z
    .array(route, { error: 'expected a list of routes, e.g. - team: platform' })
    .min(1, 'no routes: end the list with a default, e.g. - team: platform'),
  severities: severities.optional(),
  monitoring: monitoring.optional(),
  storm: storm.optional(),
  maintenance: maintenance.optional(),
  ...voices,
  ...watching,
  ...postIncident,
  ...words,
  ...later,
});

export type PersonInput = z.output<typeof person>;
export type TeamInput = z.output<typeof team>;
export type ServiceInput = z.output<typeof service>;
export type RouteInput = z.output<typeof route>;
export type SourcesInput = z.output<typeof sources>;
export type ChatInput = z.output<typeof voices.chat>;
export type StatusPageInput = z.output<typeof voices.statusPage>;
export type TicketsInput = z.output<typeof voices.tickets>;
export type PagerdutyInput = z.output<typeof voices.pagerduty>;
export type StormInput = z.output<typeof storm>;
export type ContactInput = z.output<typeof contact>;
export type HeartbeatsInput = z.output<typeof watching.heartbeats>;
export type LastResortInput = z.output<typeof watching.lastResort>;
export type FileInput = z.output<typeof fileSchema>;
