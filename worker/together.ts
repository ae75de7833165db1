/** Several vendors behind one port: each is told, and it counts as told when all of them have it. */
import type { Chat, StatusPage, Tickets } from '../activities/ports.ts';

export function allChats(chats: readonly Chat[]): Chat {
  return {
    post: (post, scene, signal) => all(chats, (chat) => chat.post(post, scene, signal)),
    refresh: (scene, signal) => all(chats, async (chat) => chat.refresh?.(scene, signal)),
  };
}

export function allPages(pages: readonly StatusPage[]): StatusPage {
  return { publish: (entry, scene, signal) => all(pages, (page) => page.publish(entry, scene, signal)) };
}

export function allTickets(systems: readonly Tickets[]): Tickets {
  return { write: (entry, scene, signal) => all(systems, (system) => system.write(entry, scene, signal)) };
}

/** One vendor's trouble keeps none of the others from it; a repeat is nothing new to those that have it. */
async function all<T>(vendors: readonly T[], tell: (vendor: T) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(vendors.map(tell));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
