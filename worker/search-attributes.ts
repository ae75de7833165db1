/**
 * Checks whether the server has every search attribute that the workflows upsert. Upserting a missing one wedges a
 * workflow, so the workflows use none until the latest check has found them all.
 */
import type { NativeConnection } from '@temporalio/worker';
import type { Log } from '../runtime/log.ts';
import { SEARCH_ATTRIBUTES } from '../workflows/contract.ts';

const LOOK_EVERY_MS = 60_000;

export interface SearchAttributeCheck {
  readonly all: () => boolean;
  stop(): void;
}

export async function watchSearchAttributes(
  connection: NativeConnection,
  namespace: string,
  log: Log,
): Promise<SearchAttributeCheck> {
  let all = false;
  let lastLogged = '';
  const checkAttributes = async (): Promise<void> => {
    const missing = await missingAttributes(connection, namespace);
    all = missing.length === 0;
    const missingNames = missing.join(', ');
    if (missingNames !== lastLogged && !all)
      log.warn({ missing: missingNames }, 'search attributes are missing: incidents go on without them');
    lastLogged = missingNames;
  };
  await checkAttributes();
  const timer = setInterval(() => void checkAttributes(), LOOK_EVERY_MS);
  timer.unref();
  return { all: () => all, stop: () => clearInterval(timer) };
}

/** Temporal's number for each type. */
const TYPES = { KEYWORD: 2, DATETIME: 6 } as const;

/** Every attribute with the number of its type, as the operator service wants them. */
export const ATTRIBUTE_TYPES: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [name, TYPES[type]]),
);

/** Attributes that cannot be read or have another type count as missing. */
async function missingAttributes(connection: NativeConnection, namespace: string): Promise<string[]> {
  const names = Object.keys(ATTRIBUTE_TYPES);
  try {
    const { customAttributes } = await connection.withDeadline(Date.now() + 2_000, () =>
      connection.operatorService.listSearchAttributes({ namespace }),
    );
    return names.filter((name) => customAttributes[name] !== ATTRIBUTE_TYPES[name]);
  } catch {
    return names;
  }
}
