/** Says what is skipped because a program is missing; with `CI=true` nothing may be. */
import { execFileSync } from 'node:child_process';

export function areInstalled(programs: readonly string[]): boolean {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return true;
  if (process.env['CI'] === 'true') throw new Error(`missing: ${missing.join(', ')}; CI skips nothing`);
  console.warn(`skipped, because it is not installed: ${missing.join(', ')}`);
  return false;
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
