import { defineConfig } from 'vitest/config';

// Unit tests of the harness itself. The trials are run by src/engine/run.ts, which brings its own configuration.
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'requirements/**/*.test.ts'],
    retry: 0,
    testTimeout: 20_000,
  },
});
