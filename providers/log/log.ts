/** The stand-in for a chat: every line to the log, so that nothing said is lost where no chat is configured. */
import type { Chat, StatusPage } from '../../activities/ports.ts';

/** One structured line; must not throw. */
export type WriteLog = (fields: Readonly<Record<string, unknown>>, message: string) => void;

export function logChat(write: WriteLog): Chat {
  return {
    post: async ({ key, text }, { incident }) => {
      const { team, workflowId, id: incidentId } = incident;
      write({ port: 'chat', key, team, workflowId, incidentId, text }, 'chat');
    },
  };
}

/** The stand-in for a public page: every entry to the log. */
export function logStatusPage(write: WriteLog): StatusPage {
  return {
    publish: async ({ key, incidentId, state, component, text, nextUpdateAt }) =>
      write({ port: 'status', key, incidentId, state, component, text, nextUpdateAt }, 'status page'),
  };
}
