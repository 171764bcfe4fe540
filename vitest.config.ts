import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{.ci,engine,actors,schemas,gateway,bench}/**/*.test.ts'],
    // Two cores: threaded tests would starve each other if files ran side by side.
    fileParallelism: false,
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    env: { TZ: 'UTC' },
  },
});
