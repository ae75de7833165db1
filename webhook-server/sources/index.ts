/** Every source that can be configured, and how its bodies are read. A new source is one file and one line here. */
import type { SourceName, SourceSetting } from '../../config/config.ts';
import { parseAlertmanager } from './alertmanager.ts';
import { genericParser } from './generic.ts';
import { parseGrafana } from './grafana.ts';
import type { Parse } from './message.ts';

const PARSERS: Readonly<Record<SourceName, (setting: SourceSetting) => Parse>> = {
  alertmanager: () => parseAlertmanager,
  grafana: () => parseGrafana,
  generic: ({ fields }) => genericParser(fields),
};

export const parserFor = (name: SourceName, setting: SourceSetting): Parse => PARSERS[name](setting);
