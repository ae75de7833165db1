/** Bundles the workflows once for all test files: each would take seconds to do it by itself. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/**
 * @param {string} root the repository
 * @param {string} dir where it goes
 * @returns {Promise<string>} the bundle's path
 */
export async function bundleWorkflows(root, dir) {
  const workflowsPath = join(root, 'workflows/index.ts');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  const path = join(dir, 'workflow-bundle.js');
  writeFileSync(path, code);
  return path;
}
