/** `evidence`: who is asked to keep logs, metrics and recordings of an incident. */
import { z } from 'zod';
import { SEVERITIES, type Severity } from '../../domain/kernel/severity.ts';
import { callable, id, oneOrMany, orNull, strict, text, token } from '../../runtime/setting-schemas.ts';
import type { Section } from '../config.ts';
import { severity } from '../primitives.ts';
import { checkServiceName } from './services.ts';

export interface EvidenceSetting {
  readonly name: string;
  readonly url: string;
  /** Sent as `Authorization: Bearer`; null: none. */
  readonly token: string | null;
  /** Null: all. */
  readonly services: readonly string[] | null;
  readonly severities: readonly Severity[];
}

const hook = strict({
  name: id,
  webhook: callable,
  token: orNull(token),
  services: orNull(oneOrMany(text(200), 'name a service or a list of services')),
  severities: oneOrMany(severity, 'name a severity or a list of them, e.g. [SEV1, SEV2]').prefault([...SEVERITIES]),
}).transform(({ webhook, ...rest }): EvidenceSetting => ({ ...rest, url: webhook }));

export const evidenceSection: Section<ReadonlyMap<string, EvidenceSetting>, readonly EvidenceSetting[]> = {
  schema: z
    .array(hook, { error: 'expected a list of hooks, e.g. - { name: logs, webhook: "https://…" }' })
    .max(20, 'at most 20')
    .default([]),
  complete(hooks, draft, report) {
    hooks.forEach(({ name, services }, index) => {
      if (hooks.findIndex((other) => other.name === name) < index) {
        report([index, 'name'], `another hook is called "${name}": give each its own name`);
      }
      services?.forEach((service, i) => checkServiceName(service, draft, report, [index, 'services', i]));
    });
    return new Map(hooks.map((each) => [each.name, each]));
  },
};
