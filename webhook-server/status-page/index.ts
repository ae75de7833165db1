/** The built-in public page, put together: who shows it needs only the routes. */
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import type { AppDeps } from '../deps.ts';
import type { Route } from '../http/route.ts';
import { createBoard } from './board.ts';
import { lastGoodCopy } from './last-good.ts';
import type { PageSubject, PublicEntries } from './page.ts';
import { statusRoutes } from './routes.ts';

export { STATUS_STYLE } from './html.ts';
export type { PublicEntries } from './page.ts';

interface StatusPageDeps {
  readonly config: () => Config;
  readonly entries: PublicEntries;
  /** Holds `status.json`, the last good copy. */
  readonly stateDirectory: string;
  readonly log: Pick<AppDeps['log'], 'warn'>;
  readonly now?: () => number;
}

export function builtinStatusRoutes({ config, stateDirectory, ...deps }: StatusPageDeps): readonly Route[] {
  const lastGood = lastGoodCopy(join(stateDirectory, 'status.json'));
  return statusRoutes({
    page: createBoard({ ...deps, lastGood, subject: () => subjectOf(config()) }),
    publicUrl: () => config().publicUrl,
    timeZone: () => config().timeZone,
  });
}

function subjectOf({ organization, services }: Config): PageSubject {
  const components = [...services.values()].flatMap(({ component }) => (component === null ? [] : [component]));
  return { name: organization.name, components };
}
