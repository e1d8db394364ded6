import { range } from './range.js'

// Rows of the lines about relations: small ones, so that what is measured is the loading.

export interface RelationData {
  readonly articles: readonly { title: string }[]
  readonly tags: readonly { name: string }[]
  /** Article and tag by their places, from 1. */
  readonly taggings: readonly (readonly [article: number, tag: number])[]
  readonly companies: readonly { name: string }[]
  readonly departments: readonly { name: string; companyId: number }[]
  readonly employees: readonly { name: string; age: number; departmentId: number }[]
  readonly photos: readonly { url: string }[]
  readonly videos: readonly { url: string; seconds: number }[]
  readonly notes: readonly { body: string; notableId: number; notableType: 'Photo' | 'Video' }[]
  readonly parents: readonly { name: string }[]
  readonly children: readonly { name: string; parentId: number }[]
}

export const PARENTS = 10_000
const CHILDREN_OF_EACH = 10

export function makeRelationData(): RelationData {
  return {
    articles: range(50).map((i) => ({ title: `Article ${i}` })),
    tags: range(40).map((i) => ({ name: `tag ${i}` })),
    taggings: range(250).map((i) => [Math.floor(i / 5) + 1, ((i * 7) % 40) + 1] as const),
    companies: range(10).map((i) => ({ name: `Company ${i}` })),
    departments: range(100).map((i) => ({ name: `Department ${i}`, companyId: (i % 10) + 1 })),
    employees: range(1000).map((i) => ({ name: `Employee ${i}`, age: 20 + (i % 40), departmentId: (i % 100) + 1 })),
    photos: range(100).map((i) => ({ url: `https://example.org/photos/${i}` })),
    videos: range(100).map((i) => ({ url: `https://example.org/videos/${i}`, seconds: i * 3 })),
    notes: range(400).map((i) => ({
      body: `A note of usual length, number ${i}`,
      notableId: (Math.floor(i / 2) % 100) + 1,
      notableType: i % 2 === 0 ? ('Photo' as const) : ('Video' as const),
    })),
    parents: range(PARENTS).map((i) => ({ name: `Parent ${i}` })),
    children: range(PARENTS * CHILDREN_OF_EACH).map((i) => ({ name: `Child ${i}`, parentId: (i % PARENTS) + 1 })),
  }
}
