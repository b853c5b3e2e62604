// Service parameters in a lab file: those that a cluster has, with values that it takes.
import { problemWith, serviceParameterCatalogue } from '../../services/database/service-parameters.ts'
import type { LabCluster } from './lab.ts'
import type { Path, Report } from './lab-problem.ts'

/** Reports what the cluster would refuse when it starts. */
export function checkServiceParameters(cluster: LabCluster, path: Path, report: Report): void {
  for (const [at, { service, name, value }] of (cluster.serviceParameters ?? []).entries()) {
    const where = [...path, 'serviceParameters', at]
    const ofService = serviceParameterCatalogue.filter((parameter) => parameter.service === service)
    const parameter = ofService.find((one) => one.name === name)
    const problem = parameter && problemWith(parameter, value)
    if (ofService.length === 0) {
      const services = [...new Set(serviceParameterCatalogue.map((one) => one.service))].join(', ')
      report([...where, 'service'], `no service "${service}" has parameters; these have: ${services}`)
    } else if (parameter === undefined) {
      const known = ofService.map((one) => one.name).join(', ')
      report([...where, 'name'], `${service} has no parameter "${name}"; it has: ${known}`)
    } else if (problem !== undefined) report([...where, 'value'], problem)
  }
}
