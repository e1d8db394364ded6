import type { AnyFields, ModelStaticNames, Statics } from 'corm'
import { fits, is } from './support/expect.js'

// what a relation can't be called is written out in the types: nothing is missing in the list, and it has nothing else
declare const written: ModelStaticNames
is<keyof Statics<AnyFields>>()(written)
fits<ModelStaticNames>('with')
