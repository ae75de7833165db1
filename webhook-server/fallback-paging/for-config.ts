/** Fallback paging as the configuration has it: its people, their contacts, its vendors. Follows a reload. */
import { join } from 'node:path';
import type { ConfigSource } from '../../config/config-source.ts';
import { live } from '../../config/live.ts';
import type { Log } from '../../config/log.ts';
import { OWNER, peopleBehind } from '../../config/on-call.ts';
import type { Signer } from '../../config/signed-links.ts';
import { contactBook } from '../../providers/contacts.ts';
import { createVendors } from '../../providers/vendors.ts';
import { createFallbackPaging, type FallbackPaging } from './fallback-paging.ts';
import { openSeenLog } from './seen-log.ts';

export interface FallbackPagingSettings {
  readonly source: Pick<ConfigSource, 'current' | 'follow' | 'subscribe'>;
  readonly signer: Signer;
  /** The state directory: the seen-log is in its spool, which must be open. */
  readonly home: string;
  readonly log: Log;
}

/** Nothing of it does anything while Temporal is there. */
export async function fallbackPagingFor({
  source,
  signer,
  home,
  log,
}: FallbackPagingSettings): Promise<FallbackPaging> {
  const { current } = source;
  const seen = await openSeenLog({ directory: join(home, 'spool'), log });
  const contacts = live(source, {
    make: (config) => {
      const vendors = createVendors(config);
      const book = contactBook({ config, vendors, write: (text) => void process.stdout.write(text) }, OWNER);
      return { vendors, book };
    },
    end: ({ vendors }) => vendors.close(),
  });
  const fallbackPaging = createFallbackPaging({
    ...{ seen, log },
    afterMs: () => current().fallbackPagingAfterMs,
    behind: (name, team) => peopleBehind(current(), name, team),
    contacts: (person) => contacts.now().book.get(person) ?? [],
    links: {
      incident: (workflowId) => `${current().publicUrl}/incidents/${workflowId}`,
      acknowledge: (link) => `${current().publicUrl}/ack/${signer.sign(link)}`,
    },
  });
  const leave = source.subscribe(() => fallbackPaging.lookAgain());
  return {
    ...fallbackPaging,
    async close() {
      leave();
      await fallbackPaging.close().finally(() => contacts.close());
    },
  };
}
