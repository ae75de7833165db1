/** Several vendors behind one port: each is told, and it counts as told when all of them have it. */
import type { Chat, StatusPage, Tickets } from '../activities/ports.ts';

export function combineChats(chats: readonly Chat[]): Chat {
  return {
    post: (post, context, signal) => all(chats, (chat) => chat.post(post, context, signal)),
    updatePinned: (context, signal) => all(chats, async (chat) => chat.updatePinned?.(context, signal)),
  };
}

export function combineStatusPages(pages: readonly StatusPage[]): StatusPage {
  return { publish: (entry, context, signal) => all(pages, (page) => page.publish(entry, context, signal)) };
}

export function combineTickets(systems: readonly Tickets[]): Tickets {
  return { write: (entry, context, signal) => all(systems, (system) => system.write(entry, context, signal)) };
}

/** One vendor's trouble keeps none of the others from it; a repeat is nothing new to those that have it. */
async function all<T>(vendors: readonly T[], deliver: (vendor: T) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(vendors.map(deliver));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
