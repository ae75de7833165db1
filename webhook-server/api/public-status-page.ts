/** The built-in public page, where the configuration has it: it is made from the records, and from nothing else. */
import type { AppDeps } from '../dependencies.ts';
import { HttpProblem } from '../http/problem.ts';
import type { Route } from '../http/route.ts';
import { builtinStatusRoutes } from '../status-page/index.ts';

export function publicStatusPageRoutes({ config, records, stateDirectory, log, now }: AppDeps): readonly Route[] {
  const routes = builtinStatusRoutes({
    config,
    entries: { read: (since) => records.publicPage({ since }) },
    stateDirectory,
    log,
    ...(now === undefined ? {} : { now }),
  });
  return routes.map((route) => ({
    ...route,
    handle: (incoming) => {
      if (!config().statusPage.builtin) throw new HttpProblem(404, 'the built-in status page is switched off');
      return route.handle(incoming);
    },
  }));
}
