/** What a process takes from its environment, checked before anything starts. */
import { resolve } from 'node:path';
import { EXIT_CONFIGURATION, ExitError } from '../runtime/process.ts';

export interface Environment {
  /** Of the webhook server. 0: a free one. */
  readonly port: number;
  readonly host: string;
  /** Absolute path of the directory that holds all state. */
  readonly home: string;
  /** `given` distinguishes a requested file from the default name, which need not exist. */
  readonly configFile: { readonly path: string; readonly given: boolean };
  /** Of the embedded Temporal server and its UI. 0: a free one. */
  readonly temporalPort: number;
  readonly temporalUiPort: number;
  /** Set: use that Temporal server instead of the embedded one. */
  readonly temporalAddress: string | null;
  readonly namespace: string;
  /** Where a worker on its own serves `/metrics`, at `host`. Null: nowhere. 0: a free port. */
  readonly metricsPort: number | null;
  /** Postgres of the records: `postgres://…` or `postgresql://…`. Holds a password: never printed. Null: embedded ones. */
  readonly databaseUrl: string | null;
  /** Signs acknowledge links. */
  readonly secret: string | null;
  readonly adminToken: string | null;
  readonly logLevel: string;
}

/** Throws `ExitError` (78) that names every variable that cannot be used. An empty value counts as unset. */
export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const { environment, problems } = checkEnvironment(env);
  if (problems.length > 0) throw new ExitError(EXIT_CONFIGURATION, problems.join('\n'), 'correct the environment.');
  return environment;
}

/** As `readEnvironment`, for callers that check more: unusable variables are problems, a line each. */
export function checkEnvironment(env: NodeJS.ProcessEnv): {
  readonly environment: Environment;
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const port = (name: string, otherwise: number): number => {
    const text = env[name] || String(otherwise);
    if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
    problems.push(`${name} is "${text}", not a port (0 to 65535; 0 means any free one)`);
    return otherwise;
  };
  const databaseUrl = env['DATABASE_URL'] || null;
  const databaseUrlProblem = databaseUrl === null ? null : databaseProblem(databaseUrl);
  if (databaseUrlProblem !== null) problems.push(databaseUrlProblem);
  const environment: Environment = {
    port: port('PORT', 8080),
    host: env['HOST'] || '127.0.0.1',
    home: resolve(env['TOCSIN_HOME'] || '.tocsin'),
    configFile: { path: resolve(env['TOCSIN_CONFIG'] || 'tocsin.yaml'), given: Boolean(env['TOCSIN_CONFIG']) },
    temporalPort: port('TOCSIN_TEMPORAL_PORT', 7233),
    temporalUiPort: port('TOCSIN_TEMPORAL_UI_PORT', 8233),
    temporalAddress: env['TEMPORAL_ADDRESS'] || null,
    namespace: env['TEMPORAL_NAMESPACE'] || 'default',
    metricsPort: env['TOCSIN_METRICS_PORT'] ? port('TOCSIN_METRICS_PORT', 0) : null,
    databaseUrl: databaseUrlProblem === null ? databaseUrl : null,
    secret: env['TOCSIN_SECRET'] || null,
    adminToken: env['TOCSIN_ADMIN_TOKEN'] || null,
    logLevel: env['TOCSIN_LOG_LEVEL'] || 'info',
  };
  return { environment, problems };
}

/** What is wrong with it, without quoting it: it holds a password. */
function databaseProblem(url: string): string | null {
  if (!/^postgres(ql)?:\/\//i.test(url)) {
    return 'DATABASE_URL is no address of a Postgres: write postgres://user:password@host:5432/name';
  }
  if (URL.canParse(url)) return null;
  return 'DATABASE_URL cannot be read: write # / ? @ and : of its password as %23 %2F %3F %40 and %3A';
}

const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|::1|\[::1\])$/;

/** Whether only this machine can reach `host`. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}
