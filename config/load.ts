/**
 * `tocsin.yaml` → `Config`. Everything that is wrong is said at once; nothing is half loaded. Reads the file and the
 * files its `${file:…}` name, and nothing else; the environment is an argument.
 */
import { resolve } from 'node:path';
import { buildConfig } from './build.ts';
import { checkPostIncident } from './checks/post-incident.ts';
import { checkCalendars } from './checks/calendars.ts';
import { checkMaintenance } from './checks/maintenance.ts';
import { checkPeople } from './checks/people.ts';
import { checkResponseTargets } from './checks/promises.ts';
import { checkRoutes } from './checks/routes.ts';
import { checkSources } from './checks/sources.ts';
import { checkStakeholders } from './checks/stakeholders.ts';
import { checkTimeZones } from './checks/time-zones.ts';
import { checkProvidersConfigured } from './checks/voices.ts';
import { checkHeartbeatsAndLastResort } from './checks/watching.ts';
import { type Config } from './config.ts';
import { type ConfigDraft, isWithinPath, readDraft } from './draft.ts';
import { valueAt } from './schema-issues.ts';
import { notSupportedYet } from './not-supported-yet.ts';
import { ConfigError, formatPath, type ConfigProblem, type Finding, type Path } from './config-problems.ts';
import { readSmallFile } from '../runtime/read-small-file.ts';
import { SAMPLE_TOKEN_NAME, SAMPLE_YAML } from './sample-config.ts';
import { inlineSecrets } from './inline-secrets.ts';
import { mergeSeverities } from './severities.ts';
import { substitute, type ProcessEnv } from './substitute.ts';
import { readTemplates } from './templates.ts';
import { warningsOf } from './warnings.ts';
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
  /** There must be a file: the sample is for a first start, and never takes the place of what ran. */
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

interface ConfigTextOrigin {
  readonly file: string | null;
  readonly env: ProcessEnv;
}

function parseConfig(text: string, { file, env }: ConfigTextOrigin): Config {
  const yaml = readYaml(text);
  const shown = file ?? 'sample organization';
  const at = ({ path, message }: Finding, line: number): ConfigProblem => ({
    file: shown,
    line,
    at: formatPath(path),
    message,
  });
  const broken = yaml.findings.map((finding) => at(finding, finding.line));
  if (yaml.tree === null || broken.length > 0) throw new ConfigError(broken);
  const { tree, findings: missing, fromOutside } = substitute(yaml.tree, env);
  const { draft, findings, origin } = readDraft(tree as Readonly<Record<string, unknown>>, missing);
  const templatesRead = readTemplates(valueAt(tree, ['templates']), file);
  const schema = findings.filter(({ path }) => !isAboutMissingValue(missing, path));
  const knownFindings = [...missing, ...schema];
  const checked = checkAcrossSections(draft, env)
    .map(({ path, message }) => ({ path: origin(path), message }))
    .filter(({ path }) => !knownFindings.some((finding) => isWithinPath(path, finding.path)));
  const all = [...knownFindings, ...templatesRead.findings, ...checked];
  if (all.length > 0) throw new ConfigError(inOrder(all.map((finding) => at(finding, yaml.line(finding.path)))));
  const config = buildConfig(draft, { file, env, templates: templatesRead.templates });
  const warnings = file === null ? [] : warningsOf(config, inlineSecrets(tree, fromOutside));
  return { ...config, notSupportedYet: notSupportedYet(draft), warnings };
}

/** What the schema cannot see, because it lies in two places. */
function checkAcrossSections(draft: ConfigDraft, env: ProcessEnv): readonly Finding[] {
  return [
    ...checkPeople(draft),
    ...checkProvidersConfigured(draft),
    ...checkRoutes(draft),
    ...checkSources(draft, env),
    ...checkHeartbeatsAndLastResort(draft, env),
    ...checkTimeZones(draft),
    ...checkCalendars(draft),
    ...checkPostIncident(draft),
    ...checkMaintenance(draft),
    ...checkStakeholders(draft),
    ...checkResponseTargets(mergeSeverities(draft.otherSections.severities)).filter(
      ({ path }) => !draft.isBroken(path.slice(0, 2)),
    ),
  ];
}

/** A value whose `${NAME}` is missing has its finding; what the schema thinks of the raw text is noise. */
function isAboutMissingValue(missing: readonly Finding[], path: Path): boolean {
  const pathKey = JSON.stringify(path);
  return missing.some((finding) => JSON.stringify(finding.path.slice(0, path.length)) === pathKey);
}

function inOrder(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  return [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}
