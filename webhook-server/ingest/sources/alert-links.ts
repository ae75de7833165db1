/**
 * Links of alerts: only http and https survive, so that no console or message ever renders `javascript:`. The text is
 * kept as sent; it is not parsed, since Grafana sends bare query strings here.
 */
import type { AlertLinks } from '../../../domain/kernel/alert.ts';

const LINK_LIMIT = 2048;
// eslint-disable-next-line no-control-regex -- control characters hide where a link leads
const WEB = /^https?:\/\/[^\s\u0000-\u001f\u007f"<>\\]+$/i;

/** The first of `candidates` that is a web address; undefined if none is. */
export function webLink(...candidates: readonly unknown[]): string | undefined {
  for (const raw of candidates) {
    if (typeof raw === 'string' && raw.length <= LINK_LIMIT && WEB.test(raw)) return raw.toWellFormed();
  }
  return undefined;
}

/** Leaves out what is undefined. */
export function alertLinks(found: { [Name in keyof AlertLinks]: string | undefined }): AlertLinks {
  const kept: { -readonly [Name in keyof AlertLinks]: string } = {};
  if (found.source) kept.source = found.source;
  if (found.dashboard) kept.dashboard = found.dashboard;
  if (found.runbook) kept.runbook = found.runbook;
  if (found.silence) kept.silence = found.silence;
  return kept;
}
