import { expect, test } from '@jest/globals';
import { loadConfig } from '../../config/load.ts';

test('[PAGE-15] [REC-3] a chain whose last level names nobody who can be paged is refused', () => {
  const path = new URL('../fixtures/config/nobody-to-page.yaml', import.meta.url).pathname;
  const env = { TOKEN: 'a-token-of-the-test' };
  expect(() => loadConfig({ path, env })).toThrow('the last level names nobody who can be paged');
});
