import { testQueries } from './queries.js'

testQueries('pglite')
