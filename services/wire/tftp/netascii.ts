const lineFeed = 0x0a
const carriageReturn = 0x0d

/** RFC 764's netascii: a line ends with CR LF, and a CR that ends no line is followed by a zero. `text` has line feeds alone. */
export function encodeNetascii(text: Uint8Array): Uint8Array {
  const bytes: number[] = []
  for (const byte of text) {
    if (byte === lineFeed) bytes.push(carriageReturn, lineFeed)
    else if (byte === carriageReturn) bytes.push(carriageReturn, 0)
    else bytes.push(byte)
  }
  return Uint8Array.from(bytes)
}

/** The reverse. A CR that is followed by neither is kept as it is. */
export function decodeNetascii(bytes: Uint8Array): Uint8Array {
  const text: number[] = []
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0
    const next = bytes[at + 1]
    const isPair = byte === carriageReturn && (next === lineFeed || next === 0)
    text.push(isPair && next === lineFeed ? lineFeed : byte)
    if (isPair) at += 1
  }
  return Uint8Array.from(text)
}
