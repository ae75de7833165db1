/** Whose incidents these are, where people open Tocsin, and which clock is theirs: `organization, publicUrl, timeZone`. */
import { z } from 'zod';
import { baseUrl, channel, orEmpty, orNull, strict, text } from '../../runtime/setting-schemas.ts';
import type { Section } from '../config.ts';
import type { ConfigDraft } from '../draft.ts';
import { isLoopback } from '../environment.ts';
import { personNames, timeZone } from '../primitives.ts';
import type { ProcessEnv } from '../substitute.ts';
import { checkPersonName } from './people.ts';

export interface Organization {
  readonly name: string;
  /** Null: the file's `timeZone` applies. */
  readonly timeZone: string | null;
  readonly leadership: readonly string[];
  /** Chat channel for the announcements of every incident, without `#`. */
  readonly releasesChannel: string | null;
}

const withDetails = strict({
  name: text(100),
  timeZone: orNull(timeZone),
  leadership: orEmpty(personNames),
  releasesChannel: orNull(channel),
});

export const organizationSection: Section<Organization> = {
  schema: z
    .union([text(100).transform((name) => withDetails.parse({ name })), withDetails], {
      error: 'expected a name, or a mapping with name, timeZone, leadership, releasesChannel',
    })
    .prefault('Our organization'),
  complete(organization, draft, report) {
    organization.leadership.forEach((name, i) => checkPersonName(draft, name, report, ['leadership', i]));
    return organization;
  },
  warnings: ({ releasesChannel }, { chat }) =>
    releasesChannel !== null && !chat.slack
      ? ['organization.releasesChannel: there is no chat.slack, so nothing is posted there']
      : [],
};

/** The organization's: people, teams and maintenance windows without a zone of their own take it. */
export const timeZoneOf = ({ sections }: ConfigDraft): string =>
  sections.timeZone ?? sections.organization?.timeZone ?? 'UTC';

export const timeZoneSection: Section<string, string | null> = {
  schema: orNull(timeZone),
  complete(given, draft, report) {
    const other = draft.sections.organization?.timeZone ?? null;
    if (given !== null && other !== null && given !== other) {
      report([], `organization.timeZone says ${other}: write the time zone once`);
    }
    return timeZoneOf(draft);
  },
};

export const publicUrlSection: Section<string, string | null> = {
  schema: orNull(baseUrl),
  complete: (given, { env }) => given ?? listeningUrl(env),
  warnings: (url) =>
    isLoopback(new URL(url).hostname)
      ? [`publicUrl: ${url} opens on this machine only, and so do the links in pages`]
      : [],
};

/** The server's address, as far as the environment determines it. */
function listeningUrl(env: ProcessEnv): string {
  const host = env.HOST || '127.0.0.1';
  const reachable = ['0.0.0.0', '::', '[::]'].includes(host) || isLoopback(host) ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${env.PORT || '8080'}`;
}
