/**
 * Turns a text of the server into the input of decoders. The functions are shared, because drivers request one per column
 * and statement.
 */
export type TextParser = (text: string) => unknown

const asNumber: TextParser = (text) => +text
const asBoolean: TextParser = (text) => text === 't'
const asText: TextParser = (text) => text
/** Removes the blanks that pad a `char(n)`: they are not part of the value, and the server ignores them in comparisons. */
const asUnpadded: TextParser = (text) => (text.endsWith(' ') ? text.replace(/ +$/, '') : text)

const BOOL = 16
const INT2 = 21
const INT4 = 23
const OID = 26
const FLOAT4 = 700
const FLOAT8 = 701
const BPCHAR = 1042

/** Parses booleans, and numbers that JavaScript holds exactly. Everything else stays text, which codecs read. */
export function textParser(oid: number): TextParser {
  switch (oid) {
    case INT4:
    case INT2:
    case OID:
    case FLOAT4:
    case FLOAT8:
      return asNumber
    case BOOL:
      return asBoolean
    case BPCHAR:
      return asUnpadded
    default:
      return asText
  }
}
