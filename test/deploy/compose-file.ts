/** docker-compose.yml as data: anchors merged, variables as they are written until `fillIn` puts values in. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const ROOT = join(import.meta.dirname, '../..');
export const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

export interface Service {
  readonly image: string;
  readonly restart: string;
  readonly build?: { readonly context: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks: readonly string[];
  readonly secrets?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly stop_grace_period: string;
  readonly mem_limit?: string;
  readonly read_only?: boolean;
}

interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, unknown>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly environment?: string }>>;
}

export const compose = parse(read('docker-compose.yml'), { merge: true }) as ComposeFile;
export const services: readonly (readonly [string, Service])[] = Object.entries(compose.services);

/** Fails for a name that the file does not have. */
export function service(name: string): Service {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
}

const VARIABLE = /\$\{([A-Z_]+)(?::([?-])([^}]*))?\}/g;

/** Every `${…}` of the file: `required` has a message for who forgot it, `optional` has a value of its own. */
export const variables = [...read('docker-compose.yml').matchAll(VARIABLE)].map(([, name = '', kind, text = '']) => ({
  name,
  kind: kind === '?' ? 'required' : kind === '-' ? 'optional' : 'bare',
  text,
}));

/** What the container sees when `.env` holds `values`. */
export function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(VARIABLE, (_, name: string, kind: string | undefined, otherwise = '') => {
    const value = values[name];
    if (value !== undefined && value !== '') return value;
    if (kind === '-') return String(otherwise);
    throw new Error(`${name} has no value`);
  });
}

/** Names that deploy/make-env.sh fills. */
export const generated = [...read('deploy/.env.example').matchAll(/^([A-Z_]+)=$/gm)].map(([, name = '']) => name);

/** A value for each of them, so that the rest of the file can be tried. */
export const sampleValues: Readonly<Record<string, string>> = Object.fromEntries(
  generated.map((name, index) => [name, `${index}`.repeat(64)]),
);

/** Where a host's path is mounted; named volumes are left out. */
export const mountsOf = ({ volumes = [] }: Service): readonly { source: string; target: string; mode: string }[] =>
  volumes
    .map((volume) => volume.split(':'))
    .filter(([source = '']) => source.startsWith('.'))
    .map(([source = '', target = '', mode = '']) => ({ source, target, mode }));
