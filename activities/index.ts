/** The activities: every outward act. They look up who and how, and deliver; the runbook decides. */
import type { CourtesyActivities, PageActivities } from './types.ts';
import { createNotify } from './notify.ts';
import { createPage } from './page.ts';
import type { Ports } from './ports.ts';
import { tell } from './tell.ts';
import { oneByOne } from './one-by-one.ts';

export function createPageActivities(ports: Ports): PageActivities {
  return { page: createPage(ports) };
}

export function createCourtesyActivities(ports: Ports): CourtesyActivities {
  const { chat, statusPage, policyFor, directory, timeZone } = ports;
  const searchable = (): boolean => ports.searchable();
  return {
    postToChat: async ({ incident, posts }) => {
      await oneByOne(posts, ({ n, at, text }, signal) =>
        chat.post(
          {
            key: `${incident.episode}/post/${n}`,
            team: incident.team,
            workflowId: incident.workflowId,
            episode: incident.episode,
            at,
            text: tell(text, directory, timeZone),
          },
          signal,
        ),
      );
      return { searchable: searchable() };
    },
    publishEntries: async ({ episode, component, entries }) => {
      await oneByOne(entries, ({ n, at, state, text, nextUpdateAt }, signal) =>
        statusPage.publish({ key: `${episode}/entry/${n}`, episode, at, state, component, text, nextUpdateAt }, signal),
      );
      return { searchable: searchable() };
    },
    notify: createNotify(ports),
    currentPolicy: async ({ team }) => ({ policy: policyFor(team), searchable: searchable() }),
  };
}
