/** Control characters, and those that turn the direction of what follows or take no room. */
const steering = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** What peers and users wrote must not steer the terminal, nor look like another line. */
export function plain(text: string): string {
  return text.replaceAll(steering, ' ')
}
