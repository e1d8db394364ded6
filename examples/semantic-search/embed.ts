// Embeddings without a model: hashed n-grams, weighted by how rare they are. Two texts are near each other if they have words, or parts of
// words, in common. Typing errors and forms of a word make little difference. The *meaning* of a word is not known: "car" and
// "automobile" have nothing in common here. For that, put a trained model or a service in the place of `embed`.

import { passages } from './passages.js'

export const DIMENSIONS = 1024
/** Change it together with the code below: the stored vectors are stale then. */
export const MODEL = 'hashed-ngrams-1'
/** A whole word weighs as much as several of its parts. */
const WORD = 3

const rarity = rarities(passages.map(({ title, body }) => `${title}\n${body}`))
const RAREST = Math.log(passages.length + 1)

/** Returns a vector of length 1 for each text. */
export function embed(texts: readonly string[]): Float32Array[] {
  return texts.map(vector)
}

function vector(text: string): Float32Array {
  const numbers = new Float32Array(DIMENSIONS)
  for (const [feature, weight] of features(text)) {
    const hash = hashed(feature)
    // half of the features count negative, so that collisions cancel out on average
    const sign = hash & 1 ? 1 : -1
    const index = (hash >>> 1) % DIMENSIONS
    numbers[index] = numbers[index]! + sign * (1 + Math.log(weight)) * (rarity.get(feature) ?? RAREST)
  }
  const length = Math.hypot(...numbers)
  if (length === 0) numbers[0] = 1 // no words: a vector of zeros has no direction
  return length === 0 ? numbers : numbers.map((number) => number / length)
}

/** The words of a text and their parts of 3 to 5 letters, with their weights: a frequent one weighs more. */
function features(text: string): Map<string, number> {
  const found = new Map<string, number>()
  const add = (feature: string, weight: number) => found.set(feature, (found.get(feature) ?? 0) + weight)
  for (const word of wordsOf(text)) {
    add(word, WORD)
    const marked = `<${word}>` // a part at the beginning or end of a word differs from one in the middle
    for (let size = 3; size <= 5; size++)
      for (let at = 0; at + size <= marked.length; at++) add(`${size}:${marked.slice(at, at + size)}`, 1)
  }
  return found
}

/** Without case and accents. */
function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  )
}

/** The inverse document frequency: what appears in every text weighs almost nothing. */
function rarities(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const text of texts)
    for (const feature of features(text).keys()) counts.set(feature, (counts.get(feature) ?? 0) + 1)
  return new Map([...counts].map(([feature, count]) => [feature, Math.log((texts.length + 1) / count)]))
}

/** FNV-1a with 32 bits, mixed once more because only some of the bits are used. */
function hashed(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b)
  return (hash ^ (hash >>> 16)) >>> 0
}
