/** The schema of the whole file, and what is derived from it: the JSON Schema for editors, and which values are secrets. */
import { z } from 'zod';
import { ownVendorSections } from '../providers/vendors.ts';
import { SECRETS, strict } from '../runtime/setting-schemas.ts';
import type { Section } from './config.ts';
import { formatPath, type Path } from './problems.ts';
import * as SECTIONS from './sections/index.ts';

/** Those of the vendors too. */
export const ALL_SECTIONS: Readonly<Record<string, Section<unknown>>> = {
  ...SECTIONS,
  ...Object.fromEntries(Object.entries<z.ZodType>(ownVendorSections()).map(([key, schema]) => [key, { schema }])),
};

export const fileSchema = strict(
  Object.fromEntries(Object.entries(ALL_SECTIONS).map(([key, { schema }]) => [key, schema])),
);

/** The shape as it is written (durations are texts). What lies in two places is checked by `tocsin config check` only. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(fileSchema, { io: 'input', unrepresentable: 'any' });
  return { ...schema, title: 'Tocsin configuration', description: 'tocsin.yaml; see docs/configuration.md' };
}

/**
 * Paths, as text, of secrets that are written in the file itself: what the schema registers as one, and addresses with a
 * password. `fromOutside`: the value came from the environment or a file.
 */
export function inlineSecrets(tree: unknown, fromOutside: (path: Path) => boolean): readonly string[] {
  const isInline = ({ path, value }: WrittenText): boolean => value !== 'none' && value !== '' && !fromOutside(path);
  const secrets = textsIn(fileSchema, tree, []).filter(isInline);
  return [
    ...secrets.filter(({ isSecret }) => isSecret),
    ...secrets.filter(({ isSecret, value }) => !isSecret && URL.canParse(value) && new URL(value).password !== ''),
  ].map(({ path }) => formatPath(path));
}

interface WrittenText {
  readonly path: Path;
  readonly value: string;
  readonly isSecret: boolean;
}

/** Every text in `value`, by the schema that it fits. */
function textsIn(schema: z.core.$ZodType, value: unknown, path: Path): readonly WrittenText[] {
  const { def } = schema._zod as z.core.$ZodTypes['_zod'];
  if (typeof value === 'string' && SECRETS.has(schema)) return [{ path, value, isSecret: true }];
  if ('innerType' in def) return textsIn(def.innerType, value, path);
  if (def.type === 'pipe') return textsIn(def.in, value, path);
  if (def.type === 'union') {
    const fitting = def.options.find((option) => z.safeParse(option, value).success);
    return fitting ? textsIn(fitting, value, path) : [];
  }
  if (typeof value === 'string') return [{ path, value, isSecret: false }];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) {
    return def.type === 'array' ? value.flatMap((item, i) => textsIn(def.element, item, [...path, i])) : [];
  }
  return Object.entries(value).flatMap(([key, item]) => {
    const inner = def.type === 'object' ? def.shape[key] : def.type === 'record' ? def.valueType : undefined;
    return inner ? textsIn(inner, item, [...path, key]) : [];
  });
}
