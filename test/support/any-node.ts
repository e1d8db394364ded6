import type { Compiler } from '../../src/compiler/compiler.js'
import type { Node } from '../../src/compiler/writer.js'

type OfAnyNode<F> = F extends (node: never, ...rest: infer R) => infer T ? (node: Node, ...rest: R) => T : never

/** A compiler for its own tests, which also takes parts of statements and statements without the gate. */
export const anyNode = (compiler: Compiler) =>
  compiler as unknown as {
    readonly compile: OfAnyNode<Compiler['compile']>
    readonly compileInline: OfAnyNode<Compiler['compileInline']>
  }
