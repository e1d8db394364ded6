import { testQueries } from './queries.js'

testQueries('postgres')
