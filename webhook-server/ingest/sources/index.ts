/** Every source that can be configured, and how its bodies are read. A new source is one file and one line here. */
import type { SourceName, SourceSetting } from '../../../config/sections/sources.ts';
import { routingKeyOf } from '../../security/source-auth.ts';
import { parseAlertmanager } from './alertmanager.ts';
import { genericParser } from './generic.ts';
import { parseGrafana } from './grafana.ts';
import type { ParseBody } from './message.ts';
import { parsePagerdutyEvent } from './pagerduty-events.ts';

const PARSERS: Readonly<Record<SourceName, (setting: SourceSetting) => ParseBody>> = {
  alertmanager: () => parseAlertmanager,
  grafana: () => parseGrafana,
  generic: ({ fields }) => genericParser(fields),
  pagerdutyEvents: pagerdutyEventParser,
};

export const parserFor = (name: SourceName, setting: SourceSetting): ParseBody => PARSERS[name](setting);

/** Without what only its answer needs; an acknowledgement says nothing about the alert. */
function pagerdutyEventParser(setting: SourceSetting): ParseBody {
  return (body, receivedAt) => {
    const event = parsePagerdutyEvent(body, { receivedAt, key: routingKeyOf(null, body, setting) });
    if ('problems' in event) return event;
    return event.action === 'acknowledge' ? { messages: [], ignored: 1 } : { messages: [event.message] };
  };
}
