/** Tables, and what they need before them. */
export const NEEDY_POSTGRES = [
  'create sequence "order numbers" as integer increment by 5 minvalue 10 maxvalue 90 start with 20 cache 3 cycle',
  'create sequence unused',
  "create type mood as enum ('sad', 'it''s ok', 'a\\b')",
  // in the order of their names, these come before what they are made of
  `create domain a_label as varchar(20) collate "C" default 'none' not null check (value <> 'bad') constraint "is short" check (length(value) < 15)`,
  'create type moods as (first mood, others mood[])',
  'create domain all_moods as moods',
  'create domain a_number as integer default nextval(\'"order numbers"\')',
  `create domain calm as mood check (value <> 'sad'::mood)`,
  'create type spans as range (subtype = integer)',
  "create table people (id serial primary key, mood mood not null default 'sad', label a_label, before mood[] default array['sad'::mood], pair all_moods, span spans, number a_number, calm calm)",
  'create sequence invoice_seq',
  "create table invoices (id integer primary key, code text not null default 'R' || nextval('invoice_seq'))",
  'alter sequence invoice_seq owned by invoices.code',
]

export const NEEDY_MYSQL = [
  'create sequence `order numbers` start with 20 increment by 5',
  'create sequence unused',
  'create table people (id integer not null primary key, number bigint not null default nextval(`order numbers`))',
]
