/** Evidence hooks of a checked draft, in the configuration's own shape. */
import { SEVERITIES } from '../domain/kernel/severity.ts';
import { type Config } from './config.ts';
import { type ConfigDraft } from './draft.ts';

export function toPostIncident({ evidence = [] }: ConfigDraft['otherSections']): Pick<Config, 'evidence'> {
  const hooks = evidence.map(({ name, webhook, token, services, severities }) => ({
    name,
    url: webhook,
    token: token ?? null,
    services: services ?? null,
    severities: severities ?? SEVERITIES,
  }));
  return { evidence: new Map(hooks.map((hook) => [hook.name, hook])) };
}
