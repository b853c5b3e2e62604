// CSV as RFC 4180 writes it, with one addition: a cell that a spreadsheet would run as a formula gets an apostrophe in front, which
// `parseCell` takes away again, so that what this system wrote can be edited and sent back.

/** The last four are the wide forms of the first, which spreadsheets of East Asia take for them. */
const formula = /^'*[=+\-@\t\r\n＝＋－＠]/u
const guarded = /^'+[=+\-@\t\r\n＝＋－＠]/u
const quotable = /[",\r\n]/u

/** One record with its CRLF. */
export function serializeRecord(cells: readonly string[]): string {
  return `${cells.map(serializeCell).join(',')}\r\n`
}

function serializeCell(text: string): string {
  const safe = formula.test(text) ? `'${text}` : text
  return quotable.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** What a cell says, once quotes are gone: without the apostrophe before what looks like a formula. */
export function parseCell(text: string): string {
  return guarded.test(text) ? text.slice(1) : text
}
