/** JSON Schema of `tocsin.yaml` for editors: what `tocsin config schema` prints. */
import { z } from 'zod';
import { fileSchema } from './schema/config-file.ts';

/** The shape as it is written (durations are texts). What lies in two places is checked by `tocsin config check` only. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(fileSchema, { io: 'input', unrepresentable: 'any' });
  return { ...schema, title: 'Tocsin configuration', description: 'tocsin.yaml; see docs/configuration.md' };
}
