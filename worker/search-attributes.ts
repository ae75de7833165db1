/**
 * Checks which of the search attributes that the workflows upsert the server has. Upserting a missing one wedges a
 * workflow, so the workflows use only those that the latest check has found.
 */
import type { NativeConnection } from '@temporalio/worker';
import type { Log } from '../runtime/log.ts';
import type { SearchAttributesAnswer } from '../activities/types.ts';
import { SEARCH_ATTRIBUTES, SEARCH_ATTRIBUTES_OF_0_2 } from '../workflows/contract.ts';

const LOOK_EVERY_MS = 60_000;

export interface SearchAttributeCheck {
  readonly answer: () => SearchAttributesAnswer;
  stop(): void;
}

export async function watchSearchAttributes(
  connection: NativeConnection,
  namespace: string,
  log: Log,
): Promise<SearchAttributeCheck> {
  let present: readonly string[] = [];
  let lastLogged = '';
  const checkAttributes = async (): Promise<void> => {
    const missing = await missingAttributes(connection, namespace);
    present = Object.keys(ATTRIBUTE_TYPES).filter((name) => !missing.includes(name));
    const missingNames = missing.join(', ');
    if (missingNames !== lastLogged && missing.length > 0)
      log.warn({ missing: missingNames }, 'search attributes are missing: incidents go on without them');
    lastLogged = missingNames;
  };
  await checkAttributes();
  const timer = setInterval(() => void checkAttributes(), LOOK_EVERY_MS);
  timer.unref();
  const answer = (): SearchAttributesAnswer => ({
    searchable: SEARCH_ATTRIBUTES_OF_0_2.every((name) => present.includes(name)),
    searchAttributes: present,
  });
  return { answer, stop: () => clearInterval(timer) };
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
