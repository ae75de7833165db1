/** Break-glass paging as a configuration has it: its people, their contacts, its vendors. */
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import type { Log } from '../../config/log.ts';
import { OWNER, peopleBehind } from '../../config/on-call.ts';
import type { Signer } from '../../config/signed-links.ts';
import { contactBook } from '../../providers/contacts.ts';
import { createVendors } from '../../providers/vendors.ts';
import { createBreakGlass, type BreakGlass } from './break-glass.ts';
import { noBreakGlass } from './none.ts';
import { openSeenLog } from './seen-log.ts';

export interface BreakGlassSettings {
  readonly config: Config;
  readonly signer: Signer;
  /** The state directory: the seen-log is in its spool, which must be open. */
  readonly home: string;
  readonly log: Log;
}

/** Nothing of it does anything while Temporal is there. */
export async function breakGlassFor({ config, signer, home, log }: BreakGlassSettings): Promise<BreakGlass> {
  const { breakGlassAfterMs: afterMs, publicUrl } = config;
  if (afterMs === null) return noBreakGlass;
  const vendors = createVendors(config);
  const contacts = contactBook({ config, vendors, write: (text) => void process.stdout.write(text) }, OWNER);
  const breakGlass = createBreakGlass({
    ...{ afterMs, log },
    seen: await openSeenLog({ directory: join(home, 'spool'), log }),
    behind: (name, team) => peopleBehind(config, name, team),
    contacts: (person) => contacts.get(person) ?? [],
    links: {
      incident: (workflowId) => `${publicUrl}/incidents/${workflowId}`,
      acknowledge: (link) => `${publicUrl}/ack/${signer.sign(link)}`,
    },
  });
  return { ...breakGlass, close: () => breakGlass.close().finally(() => vendors.close()) };
}
