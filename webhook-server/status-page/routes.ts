/** The addresses of the public page. Anybody may ask; nobody is told more than `page.ts` lets through. */
import { HttpProblem } from '../http/problem.ts';
import type { RouteResponse, Route } from '../http/route.ts';
import type { PublicPageReader, ShownPublicPage } from './public-page-reader.ts';
import { statusFeed } from './atom-feed.ts';
import { statusHtml, unknownHtml } from './status-html.ts';

interface StatusDeps {
  readonly page: PublicPageReader;
  /** Public address of Tocsin: where the feed says that the page is. */
  readonly publicUrl: () => string;
  /** IANA zone in which the page tells times. */
  readonly timeZone: () => string;
}

const RELOAD_S = 60;
const RETRY = { 'Retry-After': '5', 'Cache-Control': 'no-store' };

export function statusRoutes({ page, publicUrl, timeZone }: StatusDeps): readonly Route[] {
  const open = { method: 'GET', access: 'public', body: 'none' } as const;
  const pageOrUnavailable = async (): Promise<ShownPublicPage> => {
    const shown = await page();
    if (shown) return shown;
    throw new HttpProblem(503, 'the status cannot be told just now', { headers: RETRY, reason: 'records' });
  };
  const asJson = async (): Promise<RouteResponse> => {
    const shown = await pageOrUnavailable();
    return { status: 200, json: shown.page, headers: { ...headersOf(shown), 'Access-Control-Allow-Origin': '*' } };
  };
  const asHtml = async (): Promise<RouteResponse> => {
    const shown = await page();
    const reload = { Refresh: String(RELOAD_S) };
    if (!shown) return { status: 503, html: unknownHtml(), headers: { ...RETRY, ...reload } };
    const text = statusHtml(shown, { timeZone: timeZone() });
    return { status: 200, html: text, headers: { ...headersOf(shown), ...reload } };
  };
  const asFeed = async (): Promise<RouteResponse> => {
    const shown = await pageOrUnavailable();
    const body = statusFeed(shown, `${publicUrl().replace(/\/+$/, '')}/status`);
    return { status: 200, text: { type: 'application/atom+xml; charset=utf-8', body }, headers: headersOf(shown) };
  };
  return [
    { ...open, path: '/status.json', handle: asJson },
    { ...open, path: '/status', handle: asHtml },
    { ...open, path: '/status/feed.atom', handle: asFeed },
  ];
}

/** `Tocsin-As-Of` is there while the records cannot be read: the answer is how it was then. */
function headersOf({ asOf, isStale }: ShownPublicPage): Readonly<Record<string, string>> {
  const caching = { 'Cache-Control': 'public, max-age=5', 'Last-Modified': new Date(asOf).toUTCString() };
  return isStale ? { ...caching, 'Tocsin-As-Of': new Date(asOf).toISOString() } : caching;
}
