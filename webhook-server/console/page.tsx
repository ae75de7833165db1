/** The frame of every page for people: one style sheet, no script, and no request after the first. */
import type { ComponentChildren } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { STYLE } from './style.ts';

export interface PageOptions {
  readonly title: string;
  readonly content: ComponentChildren;
  /** The browser loads it anew after so many seconds. */
  readonly refreshS?: number;
  /** Search engines may list it. */
  readonly isPublic?: boolean;
}

/** A whole document. Every value in it is escaped, whoever sent it. */
export function renderPage({ title, content, refreshS, isPublic = false }: PageOptions): string {
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        {isPublic ? null : <meta name="robots" content="noindex" />}
        {refreshS === undefined ? null : <meta http-equiv="refresh" content={String(refreshS)} />}
        <title>{title}</title>
        {/* Else the browser asks for an icon. */}
        <link rel="icon" href="data:," />
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <main>{content}</main>
      </body>
    </html>
  );
  return `<!doctype html>${renderToString(page)}`;
}
