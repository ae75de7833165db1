/** The parse stage: every source that can be configured, its parser and its webhook. A new source adds one line here. */
import type { Config } from '../../../config/config.ts';
import type { SourceName, SourceSetting } from '../../../config/sections/sources.ts';
import { HttpProblem, invalidRequest } from '../../http/problem.ts';
import { routingKeyOf } from '../../security/source-auth.ts';
import { parseAlertmanager } from './alertmanager.ts';
import { genericParser } from './generic.ts';
import { parseGrafana } from './grafana.ts';
import type { ParseBody, SourceMessage, Staged } from './message.ts';
import { parsePagerdutyEvent } from './pagerduty-events.ts';

export interface IngestContext {
  readonly config: Config;
  readonly source: SourceName;
  /** Epoch ms. */
  readonly receivedAt: number;
}

interface Source {
  readonly parser: (setting: SourceSetting) => ParseBody;
  /** What `POST /webhooks/<source>` is for; null: the source has a route of its own. */
  readonly webhook: string | null;
  /** Senders can be set to PUT. */
  readonly put?: true;
  /** A body may be a list of messages. */
  readonly lists?: true;
}

export const SOURCES: Readonly<Record<SourceName, Source>> = {
  alertmanager: { parser: () => parseAlertmanager, webhook: "Alertmanager's webhook" },
  grafana: { parser: () => parseGrafana, webhook: "Grafana Alerting's webhook", put: true },
  generic: { parser: genericParser, webhook: 'Alerts of anything else', lists: true },
  pagerdutyEvents: { parser: pagerdutyEventParser, webhook: null },
};

export const parserFor = (name: SourceName, setting: SourceSetting): ParseBody => SOURCES[name].parser(setting);

/** Throws `HttpProblem`: 400 for a body that cannot be read, 404 for a source that is not configured. */
export function parse(body: unknown, { config, source, receivedAt }: IngestContext): Staged<readonly SourceMessage[]> {
  const setting = config.sources.get(source);
  if (!setting) throw new HttpProblem(404, `the source ${source} is not configured`);
  const parsed = parserFor(source, setting)(body, receivedAt);
  if ('problems' in parsed) throw invalidRequest(parsed.problems, `this is not a valid ${source} message`);
  return { kept: parsed.messages, dropped: parsed.dropped ?? [] };
}

/** PagerDuty's own endpoint returns more than this (api/pagerduty-events.ts). */
function pagerdutyEventParser(setting: SourceSetting): ParseBody {
  return (body, receivedAt) => {
    const event = parsePagerdutyEvent(body, { receivedAt, key: routingKeyOf(null, body, setting) });
    if ('problems' in event) return event;
    return event.action === 'acknowledge'
      ? { messages: [], dropped: [{ count: 1, reason: 'an acknowledgement by a machine' }] }
      : { messages: [event.message] };
  };
}
