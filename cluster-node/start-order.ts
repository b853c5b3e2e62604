import type { Service } from '../services/service.ts'

/** Dependencies first, otherwise in the catalogue's order. Throws on an unknown name and on a circle: both are bugs of the catalogue. */
export function inStartOrder(catalogue: readonly Service[]): readonly Service[] {
  const byName = new Map(catalogue.map((service) => [service.name, service]))
  const ordered = new Set<Service>()

  function visit(service: Service, path: readonly string[]): void {
    if (ordered.has(service)) return
    if (path.includes(service.name))
      throw new Error(`services depend on each other: ${[...path, service.name].join(' → ')}`)
    for (const name of service.dependsOn) {
      const dependency = byName.get(name)
      if (!dependency) throw new Error(`${service.name} depends on ${name}, which is not in the catalogue`)
      visit(dependency, [...path, service.name])
    }
    ordered.add(service)
  }

  for (const service of catalogue) visit(service, [])
  return [...ordered]
}
