import { Field, Model, Relation } from 'corm'

// what the types refuse must also be refused at run time: these are the makers without their types
export const looseModel = Model as unknown as (fields: object, options?: object) => any
export const looseField = Field as unknown as Record<string, (...args: any[]) => any>
export const looseRelation = Relation as unknown as Record<string, (...args: any[]) => any>
