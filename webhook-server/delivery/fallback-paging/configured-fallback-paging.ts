/** Fallback paging with the people, contacts and vendors of the configuration. Follows a reload. */
import { join } from 'node:path';
import { type ConfigSource, reloadable } from '../../../config/config-source.ts';
import type { Log } from '../../../runtime/log.ts';
import { signedIncidentUrl } from '../../../config/routing.ts';
import { contactSettingsOf, resolvePeople } from '../../../config/policy.ts';
import type { Signer } from '../../../runtime/digests.ts';
import { Vendors } from '../../../providers/vendors.ts';
import { createFallbackPaging, type FallbackPaging } from './fallback-paging.ts';
import { openDedupLog } from './dedup-log.ts';

export interface ConfiguredFallbackPagingParts {
  readonly source: Pick<ConfigSource, 'current' | 'prepareOnReload' | 'onApplied'>;
  readonly signer: Signer;
  /** The state directory: the dedup log is in its spool, which must be open. */
  readonly home: string;
  readonly log: Log;
}

/** Does nothing while Temporal answers. */
export async function createConfiguredFallbackPaging({
  source,
  signer,
  home,
  log,
}: ConfiguredFallbackPagingParts): Promise<FallbackPaging> {
  const { current } = source;
  const dedupLog = await openDedupLog({ directory: join(home, 'spool'), log });
  const contacts = reloadable(source, {
    create: (config) => ({ config, vendors: new Vendors(config.vendors) }),
    end: ({ vendors }) => vendors.close(),
  });
  const fallbackPaging = createFallbackPaging({
    dedupLog,
    log,
    afterMs: () => current().lastResort.fallbackPagingAfterMs,
    peopleBehindName: (name, team) => resolvePeople(current(), name, team),
    contacts: (person) => {
      const { config, vendors } = contacts.current();
      return vendors.contacts(contactSettingsOf(config, person));
    },
    links: {
      incident: (incident) => signedIncidentUrl(current(), signer, incident),
      acknowledge: (link) => `${current().publicUrl}/ack/${signer.sign(link)}`,
    },
  });
  const leave = source.onApplied(() => fallbackPaging.onConfigChanged());
  return {
    ...fallbackPaging,
    async close() {
      leave();
      await fallbackPaging.close().finally(() => contacts.close());
    },
  };
}
