/** The whole file. What depends on two places at once is not here but in `checks/`. */
import { z } from 'zod';
import { postIncident } from '../sections/evidence.ts';
import { notSupportedYetSections } from '../sections/not-supported-yet.ts';
import { type contact, person, service, team } from '../sections/people.ts';
import { route, sources } from '../sections/sources.ts';
import { maintenance } from '../sections/maintenance.ts';
import { monitoring, severities } from '../sections/severities.ts';
import { storm } from '../sections/storm.ts';
import { notificationSettings } from '../sections/notification-settings.ts';
import { heartbeatSections } from '../sections/heartbeats.ts';
import { templateSections } from '../sections/templates.ts';
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
  ...notificationSettings,
  ...heartbeatSections,
  ...postIncident,
  ...templateSections,
  ...notSupportedYetSections,
});

export type PersonInput = z.output<typeof person>;
export type TeamInput = z.output<typeof team>;
export type ServiceInput = z.output<typeof service>;
export type RouteInput = z.output<typeof route>;
export type SourcesInput = z.output<typeof sources>;
export type StormInput = z.output<typeof storm>;
export type ContactInput = z.output<typeof contact>;
export type HeartbeatsInput = z.output<typeof heartbeatSections.heartbeats>;
export type LastResortInput = z.output<typeof heartbeatSections.lastResort>;
export type FileInput = z.output<typeof fileSchema>;
