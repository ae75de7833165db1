/** The built-in public page, put together: who shows it needs only the routes. */
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import type { AppDeps } from '../dependencies.ts';
import type { Route } from '../http/route.ts';
import { createPublicPageReader } from './public-page-reader.ts';
import { lastGoodPageFile } from './last-good-page.ts';
import type { PublicPageContents, PublicEntries } from './public-page.ts';
import { statusRoutes } from './routes.ts';

export { STATUS_STYLE } from './status-html.ts';
export type { PublicEntries } from './public-page.ts';

interface StatusPageDeps {
  readonly config: () => Config;
  readonly entries: PublicEntries;
  /** Holds `status.json`, the last good copy. */
  readonly stateDirectory: string;
  readonly log: Pick<AppDeps['log'], 'warn'>;
  readonly now?: () => number;
}

export function builtinStatusRoutes({ config, stateDirectory, ...deps }: StatusPageDeps): readonly Route[] {
  const lastGood = lastGoodPageFile(join(stateDirectory, 'status.json'));
  return statusRoutes({
    page: createPublicPageReader({ ...deps, lastGood, contents: () => publicPageContents(config()) }),
    publicUrl: () => config().publicUrl,
    timeZone: () => config().timeZone,
  });
}

function publicPageContents({ organization, services }: Config): PublicPageContents {
  const components = [...services.values()].flatMap(({ component }) => (component === null ? [] : [component]));
  return { name: organization.name, components };
}
