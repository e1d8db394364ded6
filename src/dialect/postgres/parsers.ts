/** Text of the server → what decoders take. Shared functions: drivers ask for one per column and statement. */
export type TextParser = (text: string) => unknown

const asNumber: TextParser = (text) => +text
const asBoolean: TextParser = (text) => text === 't'
const asText: TextParser = (text) => text
/** The blanks that a `char(n)` is filled up with are not of the value: the server leaves them out of its comparisons. */
const asUnpadded: TextParser = (text) => (text.endsWith(' ') ? text.replace(/ +$/, '') : text)

const BOOL = 16
const INT2 = 21
const INT4 = 23
const OID = 26
const FLOAT4 = 700
const FLOAT8 = 701
const BPCHAR = 1042

/** Numbers and booleans for what a JavaScript number holds exactly; the text of everything else, which codecs read. */
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
