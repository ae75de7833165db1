/**
 * The addresses of the built-in public page, where the configuration has it switched on. Anybody may ask; nobody is told
 * more than status-page/public-page.ts lets through.
 */
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../../config/config.ts';
import { COMPONENT_STATES, PUBLIC_IMPACTS } from '../../domain/communications/public-state.ts';
import { PUBLIC_STATES } from '../../domain/kernel/commands.ts';
import type { AppDeps } from '../dependencies.ts';
import { HttpProblem } from '../http/problem.ts';
import { defineRoute, type RouteResponse, type Route } from '../http/route.ts';
import { statusFeed } from '../status-page/status-feed.ts';
import { statusHtml, unknownHtml } from '../status-page/status-html.tsx';
import {
  lastGoodPageFile,
  createPublicPageReader,
  type PublicPageReader,
  type ShownPublicPage,
} from '../status-page/public-page-reader.ts';
import { withoutPastPromises, type PublicPage, type PublicPageContents } from '../status-page/public-page.ts';
import { NAMED_SCHEMAS, nullable, text, time } from './common-schemas.ts';

const RELOAD_S = 60;
const RETRY = { 'Retry-After': '5', 'Cache-Control': 'no-store' };

const publicState = z.enum(PUBLIC_STATES);
const componentState = z.enum(COMPONENT_STATES);
const publicPageSchema = z
  .looseObject({
    page: text,
    state: componentState,
    components: z.array(z.looseObject({ name: text, state: componentState })),
    incidents: z.array(
      z.looseObject({
        title: text,
        state: publicState,
        impact: z.enum(PUBLIC_IMPACTS),
        nextUpdateAt: nullable(time),
        updates: z.array(z.looseObject({ at: time, state: publicState, text })),
      }),
    ),
  })
  .register(NAMED_SCHEMAS, { name: 'PublicPage' }) satisfies z.ZodType<PublicPage>;

export function statusPageRoutes(deps: AppDeps): readonly Route[] {
  const { config, records, stateDirectory, log, now = Date.now } = deps;
  const readPage = createPublicPageReader({
    entries: { read: (since) => records.publicPage({ since }) },
    lastGood: lastGoodPageFile(join(stateDirectory, 'status.json')),
    contents: () => publicPageContents(config()),
    log,
    now,
  });
  const whenBuiltin = (render: Rendering) => (): Promise<RouteResponse> => {
    if (!config().statusPage.builtin) throw new HttpProblem(404, 'the built-in status page is switched off');
    return render(readPage, config(), now());
  };
  const common = { method: 'GET', access: 'public', body: 'none' } as const;
  return [
    defineRoute({
      ...common,
      path: '/status.json',
      summary: 'The public page',
      output: { 200: publicPageSchema },
      handle: whenBuiltin(pageAsJson),
    }),
    defineRoute({
      ...common,
      path: '/status',
      summary: 'The public page, for people',
      output: { 200: { 'text/html': text } },
      handle: whenBuiltin(pageAsHtml),
    }),
    defineRoute({
      ...common,
      path: '/status/feed.atom',
      summary: 'The public page as a feed',
      output: { 200: { 'application/atom+xml': text } },
      handle: whenBuiltin(pageAsFeed),
    }),
  ];
}

function publicPageContents({ organization, services }: Config): PublicPageContents {
  const components = [...services.values()].flatMap(({ component }) => (component === null ? [] : [component]));
  return { name: organization.name, components };
}

type Rendering = (readPage: PublicPageReader, config: Config, now: number) => Promise<RouteResponse>;

async function pageAsJson(readPage: PublicPageReader, _config: Config, now: number): Promise<RouteResponse> {
  const shown = await pageOrUnavailable(readPage);
  const json = withoutPastPromises(shown.page, now);
  return { status: 200, json, headers: { ...headersOf(shown), 'Access-Control-Allow-Origin': '*' } };
}

async function pageAsHtml(readPage: PublicPageReader, { timeZone }: Config, now: number): Promise<RouteResponse> {
  const shown = await readPage();
  const reload = { Refresh: String(RELOAD_S) };
  if (!shown) return { status: 503, html: unknownHtml(), headers: { ...RETRY, ...reload } };
  return { status: 200, html: statusHtml(shown, { timeZone, now }), headers: { ...headersOf(shown), ...reload } };
}

async function pageAsFeed(readPage: PublicPageReader, { publicUrl }: Config): Promise<RouteResponse> {
  const shown = await pageOrUnavailable(readPage);
  const body = statusFeed(shown, `${publicUrl.replace(/\/+$/, '')}/status`);
  return { status: 200, text: { type: 'application/atom+xml; charset=utf-8', body }, headers: headersOf(shown) };
}

async function pageOrUnavailable(readPage: PublicPageReader): Promise<ShownPublicPage> {
  const shown = await readPage();
  if (shown) return shown;
  throw new HttpProblem(503, 'the status is not available just now', { headers: RETRY, reason: 'records' });
}

/** `Tocsin-As-Of` is set while the records cannot be read: the answer is as of then. */
function headersOf({ asOf, isStale }: ShownPublicPage): Readonly<Record<string, string>> {
  const caching = { 'Cache-Control': 'public, max-age=5', 'Last-Modified': new Date(asOf).toUTCString() };
  return isStale ? { ...caching, 'Tocsin-As-Of': new Date(asOf).toISOString() } : caching;
}
