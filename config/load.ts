/**
 * `tocsin.yaml` → `Config`. Reports every mistake at once, and loads all or nothing. Reads the file and the files that it
 * names, and nothing else; the environment is an argument.
 */
import { resolve } from 'node:path';
import { readSmallFile } from '../runtime/files.ts';
import type { Config, ParsedSections, Settings } from './config.ts';
import { ConfigDraft, type DraftOrigin } from './draft.ts';
import { ALL_SECTIONS, inlineSecrets } from './file-schema.ts';
import { ConfigError, formatPath, isWithinPath, type ConfigProblem, type Finding, type Path } from './problems.ts';
import { substitute, type ProcessEnv } from './substitute.ts';
import { readYaml } from './yaml-tree.ts';

const DEFAULT_FILE = 'tocsin.yaml';
const SIZE_LIMIT = 1024 * 1024;

export interface LoadOptions {
  /** The file somebody asked for; else `TOCSIN_CONFIG` of `env`; else `tocsin.yaml`, which may be missing. */
  readonly path?: string | undefined;
  readonly env: ProcessEnv;
  /** Relative paths begin here; the process's directory unless given. */
  readonly cwd?: string | undefined;
  /** The value of `${TOCSIN_SOURCE_TOKEN}` when the environment has none: what the sample's sources accept. */
  readonly sampleToken?: string | undefined;
  /** The file must exist: the sample is for a first start, and never replaces a running configuration. */
  readonly mustExist?: true;
}

/** Throws `ConfigError` with every problem. No file and none asked for: the sample organization. */
export function loadConfig({ path, env, cwd = process.cwd(), sampleToken, mustExist }: LoadOptions): Config {
  const givenPath = path ?? (env.TOCSIN_CONFIG || undefined);
  const file = resolve(cwd, givenPath ?? DEFAULT_FILE);
  const read = readSmallFile(file, SIZE_LIMIT);
  const envWithSampleToken =
    sampleToken === undefined || env[SAMPLE_TOKEN_NAME] ? env : { ...env, [SAMPLE_TOKEN_NAME]: sampleToken };
  if ('text' in read) return parseConfig(read.text, { file, env: envWithSampleToken });
  if (read.missing && givenPath === undefined && !mustExist)
    return parseConfig(SAMPLE_YAML, { file: null, env: envWithSampleToken });
  throw new ConfigError([
    {
      file,
      line: null,
      at: '',
      message: `the configuration file ${read.reason}${read.missing ? ': create it, or correct its name' : ''}`,
    },
  ]);
}

function parseConfig(text: string, { file, env }: DraftOrigin): Config {
  const yaml = readYaml(text);
  const at = ({ path, message }: Finding, line: number): ConfigProblem => ({
    file: file ?? 'sample organization',
    line,
    at: formatPath(path),
    message,
  });
  if (yaml.tree === null || yaml.findings.length > 0) {
    throw new ConfigError(yaml.findings.map((finding) => at(finding, finding.line)));
  }
  const { tree, findings: missing, fromOutside } = substitute(yaml.tree, env);
  const draft = new ConfigDraft(tree, missing, { file, env });
  const { settings, findings } = complete(draft);
  if (findings.length > 0) {
    const problems = findings.map((finding) => at(finding, yaml.line(finding.path)));
    throw new ConfigError(problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)));
  }
  return {
    ...settings,
    file,
    notSupportedYet: sections.flatMap(([key, section]) =>
      draft.isGiven(key) ? (section.notSupportedYet?.(draft.sections[key]) ?? []) : [],
    ),
    // The sample organization is not meant to last.
    warnings: file === null ? [] : warningsOf(settings, inlineSecrets(tree, fromOutside)),
  };
}

const sections = Object.entries(ALL_SECTIONS) as [keyof ParsedSections, (typeof ALL_SECTIONS)[string]][];

/** What the sections make of each other. The settings are whole only without findings. */
function complete(draft: ConfigDraft): { readonly settings: Settings; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [...draft.findings];
  const settings: Partial<Record<keyof Settings, unknown>> = { vendors: draft.vendors };
  for (const [key, section] of sections) {
    if (!(key in draft.sections)) continue;
    const report = (path: Path, message: string): void => {
      const origin = draft.originOf([key, ...path]);
      if (!draft.findings.some((finding) => isWithinPath(origin, finding.path)))
        findings.push({ path: origin, message });
    };
    const parsed = draft.sections[key];
    settings[key] = section.complete ? section.complete(parsed, draft, report) : parsed;
  }
  return { settings: settings as Settings, findings };
}

function warningsOf(settings: Settings, inline: readonly string[]): readonly string[] {
  return [
    ...inline.map(
      (path) => `${path}: a secret in the file itself; write "\${NAME}" or "\${file:/run/secrets/name}" instead`,
    ),
    ...sections.flatMap(([key, section]) => section.warnings?.(settings[key], settings) ?? []),
  ];
}

/** Stands for the token that the caller of `loadConfig` made; the environment's value of that name goes first. */
const SAMPLE_TOKEN_NAME = 'TOCSIN_SOURCE_TOKEN';

/**
 * The sample organization: what runs when there is no configuration at all. The same as `tocsin.yaml` in the root of
 * the repository, which explains each line; a test holds them together.
 */
const SAMPLE_YAML = `
organization: { name: Sample organization, leadership: [eve] }
people:
  ana: { name: Ana Ruiz, contact: [terminal] }
  bo: { name: Bo Lind, contact: [terminal] }
  eve: { name: Eve Hahn, role: head-of-engineering, contact: [terminal] }
teams:
  default:
    onCall: ana
    escalation: [onCall, bo, eve]
sources:
  alertmanager: { token: "\${${SAMPLE_TOKEN_NAME}}" }
  grafana: { token: "\${${SAMPLE_TOKEN_NAME}}" }
  generic: { token: "\${${SAMPLE_TOKEN_NAME}}" }
routes:
  - team: default
`;
