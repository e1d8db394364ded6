import { Field, Model } from 'corm'
import { describe, it } from 'vitest'
import { expectSql } from './support.js'

class Setting extends Model({
  data: Field.json<{ theme: string; size: number; on: boolean; tags: string[]; a: { b: string } }>(),
  fine: Field.dateTime({ precision: 6 }),
  clock: Field.time(),
}) {}

const settings = () => Setting.query().select('id')

describe('JSON paths as SQL', () => {
  it('a place is read by bound steps', () => {
    expectSql(
      settings()
        .annotate({ t: (c) => c.data.json('a', 'b'), i: (c) => c.data.json('tags', 0) })
        .select('t', 'i'),
      {
        sqlite: [
          `select "id", nullif("data" -> ?, 'null') as "t", nullif("data" -> ?, 'null') as "i" from "settings"`,
          '$."a"."b"',
          '$."tags"[0]',
        ],
        postgres: [
          `select "id", nullif("data" -> $1::text -> $2::text, 'null') as "t", nullif(jsonb_path_query_first("data" -> $3::text, 'strict $[$i]', jsonb_build_object('i', $4::int4), true), 'null') as "i" from "settings"`,
          'a',
          'b',
          'tags',
          0,
        ],
        mysql: [
          "select `id`, case when json_type(json_extract(`data`, ?)) <> 'NULL' then json_extract(`data`, ?) end as `t`, case when json_type(json_extract(`data`, ?)) = 'ARRAY' and json_type(json_extract(`data`, ?)) <> 'NULL' then json_extract(`data`, ?) end as `i` from `settings`",
          '$."a"."b"',
          '$."a"."b"',
          '$."tags"',
          '$."tags"[0]',
          '$."tags"[0]',
        ],
      },
    )
  })

  it('a text in JSON', () => {
    expectSql(
      settings().where((c) => c.data.json('theme').eq('dark')),
      {
        sqlite: [
          `select "id" from "settings" where case when json_type("data", ?) = 'text' then "data" ->> ? end = ?`,
          '$."theme"',
          '$."theme"',
          'dark',
        ],
        postgres: [
          `select "id" from "settings" where case jsonb_typeof("data" -> $1::text) when 'string' then ("data" -> $2::text) #>> '{}' end = $3::text`,
          'theme',
          'theme',
          'dark',
        ],
        mysql: [
          "select `id` from `settings` where case when json_type(json_extract(`data`, ?)) = 'STRING' then json_unquote(json_extract(`data`, ?)) collate utf8mb4_0900_bin end = ?",
          '$."theme"',
          '$."theme"',
          'dark',
        ],
        mariadb: [
          "select `id` from `settings` where case when json_type(json_extract(`data`, ?)) = 'STRING' then json_unquote(json_extract(`data`, ?)) collate utf8mb4_nopad_bin end = ?",
          '$."theme"',
          '$."theme"',
          'dark',
        ],
      },
    )
  })

  it('a number in JSON', () => {
    expectSql(
      settings().where((c) => c.data.json('size').gt(5)),
      {
        sqlite: [
          `select "id" from "settings" where case when json_type("data", ?) in ('integer', 'real') then "data" ->> ? end > ?`,
          '$."size"',
          '$."size"',
          5,
        ],
        postgres: [
          `select "id" from "settings" where case jsonb_typeof("data" -> $1::text) when 'number' then ("data" -> $2::text)::float8 end > $3::float8`,
          'size',
          'size',
          5,
        ],
        mysql: [
          "select `id` from `settings` where case when json_type(json_extract(`data`, ?)) in ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL') then json_extract(`data`, ?) + 0e0 end > ?",
          '$."size"',
          '$."size"',
          5,
        ],
      },
    )
  })

  it('a boolean in JSON', () => {
    expectSql(
      settings().where((c) => c.data.json('on').eq(true)),
      {
        sqlite: [
          `select "id" from "settings" where case json_type("data", ?) when 'true' then 1 when 'false' then 0 end = ?`,
          '$."on"',
          1n,
        ],
        postgres: [
          `select "id" from "settings" where case jsonb_typeof("data" -> $1::text) when 'boolean' then ("data" -> $2::text)::bool end = $3::bool`,
          'on',
          'on',
          true,
        ],
        mysql: [
          "select `id` from `settings` where case when json_type(json_extract(`data`, ?)) = 'BOOLEAN' then json_unquote(json_extract(`data`, ?)) collate utf8mb4_0900_bin = 'true' end = ?",
          '$."on"',
          '$."on"',
          1,
        ],
        mariadb: [
          "select `id` from `settings` where case when json_type(json_extract(`data`, ?)) = 'BOOLEAN' then json_unquote(json_extract(`data`, ?)) collate utf8mb4_nopad_bin = 'true' end = ?",
          '$."on"',
          '$."on"',
          1,
        ],
      },
    )
  })

  it('JSON null is NULL', () => {
    expectSql(
      settings().where((c) => c.data.json('on').isNull()),
      {
        sqlite: [`select "id" from "settings" where nullif("data" -> ?, 'null') is null`, '$."on"'],
        postgres: [`select "id" from "settings" where nullif("data" -> $1::text, 'null') is null`, 'on'],
        mysql: [
          "select `id` from `settings` where case when json_type(json_extract(`data`, ?)) <> 'NULL' then json_extract(`data`, ?) end is null",
          '$."on"',
          '$."on"',
        ],
      },
    )
  })

  it('a list in JSON', () => {
    expectSql(
      settings().where((c) => c.data.json('tags').eq(['x'])),
      {
        sqlite: [
          `select "id" from "settings" where corm_json_equals(nullif("data" -> ?, 'null'), ?)`,
          '$."tags"',
          '["x"]',
        ],
        postgres: [`select "id" from "settings" where nullif("data" -> $1::text, 'null') = $2::jsonb`, 'tags', '["x"]'],
        mysql: [
          "select `id` from `settings` where (case when json_type(json_extract(`data`, ?)) <> 'NULL' then json_extract(`data`, ?) end = cast(? as json))",
          '$."tags"',
          '$."tags"',
          '["x"]',
        ],
        mariadb: [
          "select `id` from `settings` where case when case when json_type(json_extract(`data`, ?)) <> 'NULL' then json_extract(`data`, ?) end is not null then json_equals(case when json_type(json_extract(`data`, ?)) <> 'NULL' then json_extract(`data`, ?) end, ?) end",
          '$."tags"',
          '$."tags"',
          '$."tags"',
          '$."tags"',
          '["x"]',
        ],
      },
    )
  })

  it('another value at one place', () => {
    expectSql((o) => Setting.all().toSQLUpdate((c) => ({ data: c.data.jsonSet(['a', 'b'], 'x') }), o), {
      sqlite: ['update "settings" set "data" = json_set("data", ?, json(?))', '$."a"."b"', '"x"'],
      postgres: [
        `update "settings" set "data" = case jsonb_typeof("data") when 'object' then "data" || jsonb_build_object($1::text, case jsonb_typeof(coalesce("data" -> $2::text, '{}')) when 'object' then coalesce("data" -> $3::text, '{}') || jsonb_build_object($4::text, $5::jsonb) else coalesce("data" -> $6::text, '{}') end) else "data" end`,
        'a',
        'a',
        'a',
        'b',
        '"x"',
        'a',
      ],
      mysql: [
        'update `settings` set `data` = json_set(json_insert(`data`, ?, json_object()), ?, cast(? as json))',
        '$."a"',
        '$."a"."b"',
        '"x"',
      ],
      mariadb: [
        "update `settings` set `data` = json_set(json_insert(`data`, ?, json_object()), ?, json_extract(?, '$'))",
        '$."a"',
        '$."a"."b"',
        '"x"',
      ],
    })
  })
})
