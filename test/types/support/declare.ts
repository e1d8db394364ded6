/** The public API as declarations only: what a user of the built package sees. */
import type { Operators, SqlTag } from '../../../src/types/expression.js'
import type { FieldMakers } from '../../../src/types/field-makers.js'
import type { Functions } from '../../../src/types/functions.js'
import type { ModelFactory } from '../../../src/types/model.js'
import type { RelationMakers } from '../../../src/types/relation.js'

export declare const Model: ModelFactory
export declare const Field: FieldMakers
export declare const Relation: RelationMakers
export declare const sql: SqlTag
export declare const fn: Functions
export declare const eq: Operators['eq']
export declare const gt: Operators['gt']
export declare const gte: Operators['gte']
export declare const lt: Operators['lt']
export declare const lte: Operators['lte']
export declare const between: Operators['between']
export declare const oneOf: Operators['oneOf']
export declare const like: Operators['like']
export declare const contains: Operators['contains']
export declare const icontains: Operators['icontains']
export declare const startsWith: Operators['startsWith']
export declare const istartsWith: Operators['istartsWith']
export declare const endsWith: Operators['endsWith']
export declare const iendsWith: Operators['iendsWith']
export declare const not: Operators['not']
export declare const and: Operators['and']
export declare const or: Operators['or']

export type { Condition, Match } from '../../../src/types/condition.js'
export type { DatabaseHandle, TransactionHandle, TransactionOptions } from '../../../src/types/database.js'
export type { Entity } from '../../../src/types/entity.js'
export type { Column, Expression, Order, Predicate, Sql } from '../../../src/types/expression.js'
export type { AnyField, AnyFields, Field as FieldType, FieldName, InOf, OutOf, PkOf } from '../../../src/types/field.js'
export type { Insertable, Updatable } from '../../../src/types/input.js'
export type { CursorPage, Page } from '../../../src/types/page.js'
export type { ModelInstance, PendingMany, PendingOne, QueryBuilder } from '../../../src/types/query.js'
export type { RelationName } from '../../../src/types/relation-path.js'
export type { Schema, StandardSchema } from '../../../src/types/schema.js'
export type { AnyQuery, ModelClass } from '../../../src/types/statics.js'
