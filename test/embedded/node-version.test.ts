import { nodeWarning } from '../../embedded/banner.ts';

test.each(['20.20.2', '22.23.3', '24.22.0', '23.11.1', '26.1.0'])('%s is warned of', (version) => {
  expect(nodeWarning(version)).toContain(version);
});

test.each(['22.23.4', '22.24.0', '24.22.1', '26.12.1', '27.0.0'])('%s is not', (version) => {
  expect(nodeWarning(version)).toBeNull();
});
