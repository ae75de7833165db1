/** The job that prepares Temporal, run against a real server. Tocsin itself then has to find nothing missing. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { parse } from 'yaml';
import { ATTRIBUTE_TYPES } from '../../worker/search-attributes.ts';
import { startTestTemporal } from '../support/test-temporal.ts';
import { read, ROOT, service } from './compose-file.ts';

test('the namespace keeps what is closed for 30 days and has the search attributes, however often it is prepared', async () => {
  const server = await startTestTemporal({ searchAttributes: false });
  const dir = mkdtempSync(join(tmpdir(), 'namespace-'));
  const { TEMPORAL_NAMESPACE: namespace = '' } = service('temporal-namespace').environment ?? {};
  try {
    symlinkSync(server.cliPath, join(dir, 'temporal'));
    const env = {
      PATH: `${dir}:/usr/bin:/bin`,
      TEMPORAL_ADDRESS: server.address,
      TEMPORAL_NAMESPACE: namespace,
      HOME: dir,
    };
    const run = () => execFileSync('sh', [join(ROOT, 'deploy/temporal/namespace.sh')], { env, stdio: 'pipe' });
    run();
    run();
    const connection = await Connection.connect({ address: server.address });
    const { config } = await connection.workflowService.describeNamespace({ namespace });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    await connection.close();
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 3600);
    expect(customAttributes).toMatchObject(ATTRIBUTE_TYPES);
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true });
  }
}, 90_000);

test('the dynamic configuration is in the form that the server reads', () => {
  const settings = Object.entries(parse(read('deploy/temporal/dynamic-config.yaml')) as Record<string, unknown>);
  expect(settings.length).toBeGreaterThan(5);
  for (const [key, value] of settings) {
    expect(key).toMatch(/^(history|matching|frontend|system)\.[A-Za-z.]+$/);
    expect(value).toEqual([{ value: expect.anything() }]);
  }
});

test('both jobs and the server find their files where compose mounts them', () => {
  const [mount] = service('temporal').volumes ?? [];
  const { DYNAMIC_CONFIG_FILE_PATH: path = '' } = service('temporal').environment ?? {};
  const [source = '', target = ''] = mount?.split(':') ?? [];
  expect(read(path.replace(target, source))).toContain('maxInFlightUpdates');
});
