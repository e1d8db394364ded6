import { testQueries } from './queries.js'

testQueries('mysql')
