/** Debian's Chromium, headless, and what it finds wrong with a page as a person gets to see it. */
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import axe from 'axe-core';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

/** A telephone held upright; nothing may be wider. */
const PHONE = { width: 390, height: 844 };
/** What a page may weigh, on a bad network. */
const BYTES_LIMIT = 20_000;

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim(),
    // Chromium refuses its sandbox to root, as whom CI runs.
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });

/** Opens the address in a fresh context, and hands the page and what it asked for over. Closes both. */
export async function visit<T>(
  browser: Browser,
  { url, ...options }: { readonly url: string } & BrowserContextOptions,
  act: (page: Page, loaded: LoadedPage) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext({ viewport: PHONE, ...options });
  try {
    const page = await context.newPage();
    const loaded = watchLoading(page);
    const answer = await page.goto(url);
    return await act(page, { ...loaded, status: answer?.status() ?? 0, bytes: (await answer?.body())?.length ?? 0 });
  } finally {
    await context.close();
  }
}

/** Where `npm run screens` wants the pictures of the documentation; undefined in every other run. */
export const SCREENS = process.env['TOCSIN_SCREENS'];
const DESKTOP = { width: 1000, height: 760 };

/** Takes a picture of a page as it stands on the screen. */
export async function takePicture(
  browser: Browser,
  {
    url,
    name,
    ...options
  }: { readonly url: string; readonly name: string; readonly desktop?: boolean } & BrowserContextOptions,
): Promise<void> {
  const screen = options.desktop === true ? { viewport: DESKTOP } : { deviceScaleFactor: 1.5 };
  await visit(browser, { url, ...screen, ...options }, (page) =>
    page.screenshot({ path: join(SCREENS ?? tmpdir(), `${name}.png`) }),
  );
}

/** Expects the page to be without fault, and to say these words. */
export async function expectReadable(
  browser: Browser,
  url: string,
  { status, words }: { readonly status: number; readonly words: readonly (string | RegExp)[] },
): Promise<void> {
  await visit(browser, { url }, async (page, loaded) => {
    expect({ status: loaded.status, problems: await problemsOf(page, loaded) }).toEqual({ status, problems: [] });
    const text = await page.innerText('body');
    for (const word of words) expect(text).toMatch(word);
  });
}

interface LoadedPage {
  readonly status: number;
  readonly bytes: number;
  /** Addresses, in order. */
  readonly requests: readonly string[];
  /** Errors and warnings of the console: violations of the security policy are among them. */
  readonly complaints: readonly string[];
}

function watchLoading(page: Page): Pick<LoadedPage, 'requests' | 'complaints'> {
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // That the answer is a 404 or 410 is how it is meant.
    if (!message.text().startsWith('Failed to load resource: the server responded')) complaints.push(message.text());
  });
  return { requests, complaints };
}

/** Everything that is wrong with the page, by day and by night; nothing, if it can be read on a telephone. */
async function problemsOf(page: Page, { bytes, requests, complaints }: LoadedPage): Promise<string[]> {
  const run = await evaluator(page);
  const font = await run<string>('getComputedStyle(document.body).fontFamily');
  const widest = await run<number>('document.documentElement.scrollWidth');
  const hasIcon = await run<boolean>("document.querySelector('link[rel=icon]') !== null");
  await run(axe.source);
  // Pages reload by themselves: what they show is old in a minute, and no script can fetch what is new.
  const byDay = await run<string[]>(findingsOf("{ rules: { 'meta-refresh': { enabled: false } } }"));
  await page.emulateMedia({ colorScheme: 'dark' });
  const byNight = await run<string[]>(findingsOf("{ runOnly: ['color-contrast'] }"));
  return [
    ...complaints,
    ...requests.slice(1).map((request) => `asks for ${request}`),
    ...(/system-ui/.test(font) ? [] : [`the style sheet is not applied: the font is ${font}`]),
    ...(widest <= PHONE.width ? [] : [`${widest} px wide on a screen of ${PHONE.width} px`]),
    ...(bytes <= BYTES_LIMIT ? [] : [`${bytes} bytes`]),
    // Headless, it asks for none; a person's browser would, at an address that is not there.
    ...(hasIcon ? [] : ['no icon']),
    ...byDay,
    ...byNight.map((finding) => `dark: ${finding}`),
  ];
}

/** By the debugger's own door, since the page's policy lets no script in. */
async function evaluator(page: Page) {
  const session = await page.context().newCDPSession(page);
  return async <T>(expression: string): Promise<T> => {
    const options = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await session.send('Runtime.evaluate', options);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value as T;
  };
}

/** As texts: what axe finds holds elements, which cannot leave the page. */
const findingsOf = (options: string): string => `axe.run(${options}).then(({ violations }) => violations.map(
  ({ id, help, nodes }) => id + ': ' + help + ': ' + nodes.map(({ html }) => html).join(' ')))`;
