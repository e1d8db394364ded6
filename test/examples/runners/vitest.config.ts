import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const src = (path: string) => fileURLToPath(new URL(`../../../src/${path}`, import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^corm$/, replacement: src('index.ts') },
      { find: /^corm\/testing$/, replacement: src('testing/index.ts') },
    ],
  },
  test: { include: ['hostile-vitest.ts'], pool: 'threads' },
})
