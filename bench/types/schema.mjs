// The schema and the queries of the benchmark, as data: each generator writes them in its library's own words.

/** 20 columns; with the `id` that is 21. Two more of them are foreign keys. */
export const columns = [
  ['name', 'string'],
  ['code', 'string'],
  ['email', 'string'],
  ['title', 'string'],
  ['summary', 'nullableText'],
  ['body', 'text'],
  ['status', 'enum'],
  ['rank', 'integer'],
  ['views', 'integer'],
  ['stock', 'integer'],
  ['score', 'nullableFloat'],
  ['price', 'decimal'],
  ['active', 'boolean'],
  ['archived', 'boolean'],
  ['settings', 'json'],
  ['token', 'uuid'],
  ['born', 'date'],
  ['createdAt', 'dateTime'],
]

/** The models in a ring: each has a parent (the one before) and an owner (seven on), both ways: 4 relations. */
export function models(count) {
  return Array.from({ length: count }, (_, i) => ({
    name: `Model${i}`,
    table: `model${i}`,
    parent: (i + count - 1) % count,
    child: (i + 1) % count,
    owner: (i + 7) % count,
    owned: (i + count - 7) % count,
  }))
}
