import { describe, expect, it } from 'vitest'
import { describeDatabases } from '../support/databases.js'
import { KINDS, type Kind, keptBy } from '../support/values.js'

/** Both as given and as held; null besides. */
const pairs = ({ values, forms = [] }: Kind): (readonly [unknown, unknown])[] => [
  ...values.map((value) => [value, value] as const),
  ...forms,
  [null, null],
]

const rows = (kind: Kind) => pairs(kind).map(([value]) => ({ value: value instanceof Date ? new Date(value) : value }))
const held = (kind: Kind) => pairs(kind).map(([, value]) => value)
const valuesOf = (instances: any[]) => instances.map(({ value }) => value)

/** Databases tell them apart by equality only as JSON text, so conditions on JSON are left to their own tests. */
const comparable = ({ title }: Kind) => title !== 'json'

describeDatabases('values', (database) => {
  database.useTables(KINDS.map(({ model }) => model))

  for (const kind of KINDS.map((kind) => ({ ...kind, values: keptBy(database, kind) })))
    describe(`of ${kind.title}`, () => {
      const { model } = kind

      it('come out of create and createMany as they went in', async () => {
        const single: any[] = []
        for (const row of rows(kind)) single.push(await model.create(row))
        expect(valuesOf(single)).toEqual(held(kind))
        expect(valuesOf(await model.findMany(single.map(({ id }) => id)))).toEqual(held(kind))
        const many = await model.createMany(rows(kind))
        expect(valuesOf(many)).toEqual(held(kind))
        const found = await model.findMany(many.map(({ id }: { id: number }) => id))
        expect(valuesOf(found)).toEqual(held(kind))
        expect(found).toEqual(many)
        expect(found.filter((instance: any) => instance.isDirty())).toEqual([])
      })

      it('come out of insertMany as they went in', async () => {
        await model.insertMany(rows(kind))
        expect(valuesOf(await model.query().orderBy('id'))).toEqual(held(kind))
        expect(await model.query().orderBy('id').pluck('value')).toEqual(held(kind))
        expect((await model.query().orderBy('id').values('value')).map(({ value }: any) => value)).toEqual(held(kind))
      })

      it('come out of updates as they went in', async () => {
        const instances = await model.createMany(pairs(kind).map(() => ({})))
        const list = rows(kind)
        for (const [i, instance] of instances.entries()) {
          instance.value = list[i]?.value
          await instance.save()
          expect(instance.isDirty()).toBe(false)
        }
        expect(valuesOf(instances)).toEqual(held(kind))
        expect(valuesOf(await model.query().orderBy('id'))).toEqual(held(kind))
        for (const [i, { id }] of instances.entries()) {
          await model.where('id', id).update({ value: null })
          expect(await model.where('id', id).update({ value: list[i]?.value })).toBe(1)
        }
        expect(valuesOf(await model.query().orderBy('id'))).toEqual(held(kind))
      })

      if (comparable(kind))
        it('are found by exactly themselves', async () => {
          const unique = [...new Map(held(kind).map((value) => [keyOf(value), value])).values()]
          const made = await model.createMany(unique.map((value) => ({ value })))
          for (const [i, value] of unique.entries()) {
            const found = await model.where('value', value)
            expect(
              found.map(({ id }: any) => id),
              `where value is number ${i}`,
            ).toEqual([made[i].id])
          }
          const list = unique.filter((value) => value !== null)
          expect(await model.query().whereIn('value', list).count()).toBe(list.length)
        })
    })
})

/** Values that are equal have equal keys. */
function keyOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (value instanceof Date) return value.toISOString()
  return `${typeof value} ${value === 0 ? '0' : String(value)}`
}
