/**
 * Projects, by what a test needs:
 * - `unit` is pure: no servers, no child processes. Seconds for all of it.
 * - `integration` starts servers and processes on free ports, and runs in parallel.
 * - `scenarios` plays incidents in skipped time; `system` runs whole processes and kills them.
 * - `replay` and `endurance` run only when asked for (`npm run test:replay`, `npm run endurance`), and so does `texts`,
 *   which writes docs/texts.md (`npm run texts`).
 */
const UNIT = ['domain', 'config', 'schedules', 'activities', 'bench', 'nemesis'];
const OWN_PROJECT = ['scenarios', 'e2e', 'faults', 'replay', 'endurance', 'texts'];

const swc = (parser) => [
  '@swc/jest',
  {
    jsc: {
      parser: { syntax: 'typescript', ...parser },
      transform: { react: { runtime: 'automatic', importSource: 'preact' } },
      target: 'es2022',
    },
    module: { type: 'es6' },
  },
];

const project = (displayName, testMatch, testPathIgnorePatterns = []) => ({
  displayName,
  testMatch: testMatch.map((pattern) => `<rootDir>/test/${pattern}`),
  testPathIgnorePatterns,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: { '^.+\\.ts$': swc({}), '^.+\\.tsx$': swc({ tsx: true }) },
  modulePathIgnorePatterns: ['<rootDir>/.tocsin', '<rootDir>/node_modules/.cache'],
});

export default {
  // No test is about its own duration: the limit only ends what hangs, so a busy machine must never reach it.
  testTimeout: 180_000,
  testSequencer: './test/support/slowest-first.js',
  projects: [
    project('unit', [`(${UNIT.join('|')})/**/*.test.ts`, 'architecture.test.ts']),
    project('integration', ['*/**/*.test.ts'], [`<rootDir>/test/(${[...UNIT, ...OWN_PROJECT].join('|')})/`]),
    project('scenarios', ['scenarios/**/*.test.ts']),
    project('system', ['(e2e|faults)/**/*.test.ts']),
    project('replay', ['replay/**/*.test.ts']),
    project('endurance', ['endurance/**/*.test.ts']),
    project('texts', ['texts/**/*.test.ts']),
  ],
};
