// Loaded before a program that a test starts on PGlite.
import { copyAlways } from './pglite-copy.js'

copyAlways()
