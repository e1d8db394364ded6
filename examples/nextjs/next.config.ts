import type { NextConfig } from 'next'

const config: NextConfig = {
  // one copy of corm in the process, with its drivers, which is not part of any bundle
  serverExternalPackages: ['corm', 'better-sqlite3'],
}

export default config
