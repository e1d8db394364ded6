import type { ModelMetadata } from '../metadata/metadata.js'
export function schemasOf(_meta: ModelMetadata): object {
  return {}
}
