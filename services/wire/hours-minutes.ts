/** Minutes of a time written as `HHH:MM` (`8:00`, `:30`, `168:00`); undefined for anything else. */
export function parseHoursMinutes(text: string): number | undefined {
  const [, hours = '', minutes = ''] = /^(\d{0,3}):([0-5]\d)$/u.exec(text) ?? []
  return minutes === '' ? undefined : Number(hours) * 60 + Number(minutes)
}
