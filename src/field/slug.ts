import { DefinitionError } from '../errors.js'
import { importPackage } from '../util/optional-package.js'
import { callback, flag, names } from '../util/options.js'
import { own } from '../util/own.js'
import { FieldDescriptor, type Slugify, type SlugSource } from './kind.js'
import { type FieldOptions, LENGTHS, readFieldOptions } from './options.js'
import { slugKind } from './text-formats.js'

let slugify: Slugify | undefined

/** Loads the package that makes slugs, when the first one is made. */
export async function loadSlugify(): Promise<Slugify> {
  slugify ??= (await importPackage<{ default: Slugify }>('@sindresorhus/slugify', 'Field.slug({ from })')).default
  return slugify
}

interface SlugOptions extends Omit<FieldOptions, 'onUpdate' | 'min' | 'max'>, Partial<Omit<SlugSource, 'from'>> {
  readonly min?: number
  readonly max?: number
  readonly from?: string | readonly string[]
}

const SPECIAL = own({ ...LENGTHS, from: names, onUpdate: flag, slugify: callback() })

export function slugField(given: unknown): FieldDescriptor {
  const read = readFieldOptions('Field.slug()', given, SPECIAL) as unknown as SlugOptions
  const { from, onUpdate = false, slugify, ...others } = own(read)
  const options = own(others)
  if (from === undefined && (onUpdate || slugify !== undefined))
    throw new DefinitionError(
      'Field.slug() takes "onUpdate" and "slugify" together with "from", the fields that the slug is made of: Field.slug({ from: "title" }).',
    )
  const slug = from === undefined ? null : own({ from: [from].flat(), onUpdate, slugify })
  return new FieldDescriptor({
    type: 'slug',
    options,
    kind: slugKind(own({ min: options.min, max: options.max })),
    extraOptions: ['max', 'min'],
    slug,
  })
}
