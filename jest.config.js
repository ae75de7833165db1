/**
 * Projects by speed: `unit` runs in parallel; `system` (real servers, skipped time) one file at a time; `endurance` only
 * when asked for (`npm run endurance`).
 */
const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/.tocsin', '<rootDir>/node_modules/.cache'],
};

export default {
  // No test is about its own length; a busy machine must not fail one.
  testTimeout: 30_000,
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/test/(scenarios|replay|e2e|faults|endurance)/'],
    },
    {
      ...common,
      displayName: 'system',
      testMatch: ['<rootDir>/test/(scenarios|replay|e2e|faults)/**/*.test.ts'],
    },
    {
      ...common,
      displayName: 'endurance',
      testMatch: ['<rootDir>/test/endurance/**/*.test.ts'],
    },
  ],
};
