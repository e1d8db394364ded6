import { testQueries } from './queries.js'

testQueries('sqlite')
