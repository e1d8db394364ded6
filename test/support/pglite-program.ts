// Preloaded for programs that a test starts on PGlite.
import { copyAlways } from './pglite-copy.js'

copyAlways()
