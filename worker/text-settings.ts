/** What the configuration says in words: templates, and what every message may name. */
import type { TextSettings } from '../activities/ports.ts';
import type { Config } from '../config/config.ts';

export function textSettingsOf(config: Config, warn: TextSettings['warn']): TextSettings {
  const { organization, statusPage, publicUrl, templates } = config;
  const own = statusPage.builtin ? `${publicUrl}/status` : null;
  return { organization: organization.name, statusPage: statusPage.url ?? own, templates, warn };
}

/** Where the console shows it. */
export function incidentUrl({ publicUrl }: Config, workflowId: string): string {
  return `${publicUrl}/incidents/${workflowId}`;
}
