// Writes the package's entry points as few files: Node takes longer to find and read 700 modules than to run them.
import { readFileSync } from 'node:fs'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'
import { rollup } from 'rollup'

export const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const sourceOf = (file) => file.replace(/^\.\/dist\//, 'src/').replace(/\.js$/, '.ts')

/** The sources of the package's entry points by what a program imports, such as "corm/config". */
const imported = new Map(
  Object.entries(manifest.exports)
    .filter(([, target]) => target.default !== undefined)
    .map(([entry, target]) => [`corm${entry.slice(1)}`, sourceOf(target.default)]),
)
/** What is written as a file of its own: the entry points and the commands. */
const entries = [...imported.values(), ...Object.values(manifest.bin).map(sourceOf)]

/** Sources as Node understands them. "corm" is the source beside it, so that each module is there once. */
const sources = {
  name: 'sources',
  resolveId(name, importer) {
    if (imported.has(name)) return join(root, imported.get(name))
    if (isAbsolute(name)) return name
    if (!name.startsWith('.')) return { id: name, external: true }
    return resolve(importer, '..', name.replace(/\.js$/, '.ts'))
  },
  load: (file) => readFileSync(file, 'utf8'),
  async transform(code, file) {
    const { code: plain, map } = await transform(code, {
      loader: 'ts',
      format: 'esm',
      target: 'node20',
      sourcefile: file,
      sourcemap: 'external',
    })
    return { code: plain, map }
  },
}

/** Bundles the package into a folder: a file for each entry, and the parts that several share. Dependencies stay imports. */
export async function bundle(folder) {
  const bundled = await rollup({
    input: Object.fromEntries(entries.map((entry) => [relative('src', entry).replace(/\.ts$/, ''), join(root, entry)])),
    plugins: [sources],
    // what a module does when it is loaded stays, in its order
    treeshake: false,
    onwarn(warning) {
      throw new Error(warning.message)
    },
  })
  try {
    await bundled.write({
      dir: folder,
      format: 'esm',
      chunkFileNames: 'parts/[name]-[hash].js',
      hoistTransitiveImports: false,
      sourcemap: true,
    })
  } finally {
    await bundled.close()
  }
}
