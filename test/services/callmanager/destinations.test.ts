// Which match counts: local numbers and patterns, alternate numbers and learned ones beside each other.
import t from 'tap'
import type { AdvertisedNumber, AlternateNumber, DirectoryUri } from '../../../services/database/api.ts'
import { normalizeDestination } from '../../../services/callmanager/destination.ts'
import type { Destination } from '../../../services/callmanager/destinations.ts'
import { Destinations } from '../../../services/callmanager/destinations.ts'
import { DigitAnalysis, searchOrder } from '../../../services/callmanager/digit-analysis/digit-analysis.ts'
import { SipRoutes } from '../../../services/callmanager/digit-analysis/sip-routes.ts'
import { FakeIls } from './fixtures/fake-ils.ts'

const learnedNumbers = 'Global Learned Enterprise Numbers'
const learnedPatterns = 'Global Learned Enterprise Patterns'
const inOrder = (...partitions: readonly string[]) => searchOrder(new Map([['css', partitions]]), 'css', '')

const alternate = (number: string, partition?: string): AlternateNumber => ({
  mask: number,
  number,
  partition,
  advertise: true,
})
const uri = (text: string, partition: string): DirectoryUri => ({ uri: text, partition, advertise: true })

/** A cluster with route patterns by partition, and directory numbers with other names. */
function cluster(patterns: Record<string, readonly string[]>, numbers: readonly Partial<AdvertisedNumber>[] = []) {
  const analysis = new DigitAnalysis()
  for (const [partition, list] of Object.entries(patterns)) {
    for (const pattern of list) analysis.addRoutePattern(pattern, partition, 'trunk')
  }
  const named = numbers.map((number): AdvertisedNumber => ({
    dn: '1000001',
    partition: '',
    enterpriseAlternateNumber: undefined,
    e164AlternateNumber: undefined,
    advertisedFailover: 'None',
    directoryUris: [],
    ...number,
  }))
  const isCalled = (number: string, { enterpriseAlternateNumber: one, e164AlternateNumber: other }: AdvertisedNumber) =>
    one?.number === number || other?.number === number
  const ils = new FakeIls()
  const globalDialPlan = {
    findAlternate: (number: string) => named.filter((one) => isCalled(number, one)),
    findUri: (text: string) =>
      named.flatMap(({ dn, partition, directoryUris }) =>
        directoryUris.filter((one) => one.uri === text).map((one) => ({ dn, partition, uri: one })),
      ),
  }
  const destinations = new Destinations({
    database: { globalDialPlan } as unknown as ConstructorParameters<typeof Destinations>[0]['database'],
    ils: () => ils.api,
    digitAnalysis: () => analysis,
    sipRoutes: () => new SipRoutes([]),
  })
  return { analysis, destinations, learned: ils.learned }
}

function told(destination: Destination | undefined): string | undefined {
  switch (destination?.kind) {
    case 'line':
      return `line ${destination.dn}`
    case 'routePattern':
      return `${destination.partition}:${destination.pattern}`
    case 'alternate':
      return `alternate of ${destination.dn} in ${destination.partition}`
    case 'learned':
      return `learned ${destination.learned.pattern}`
    default:
      return destination?.kind
  }
}

t.test('the closest match wins, wherever it is from', async (t) => {
  const { destinations, learned } = cluster({ '': ['8XXXXXXX', '810001XX'] })
  learned.add('enterprise-pattern', '8100XXXX', { cluster: 'cluster1' })
  const ranks = inOrder(learnedPatterns)
  t.equal(told(destinations.find('81000001', ranks)), 'learned 8100XXXX', 'closer than 8XXXXXXX')
  t.equal(told(destinations.find('81000101', ranks)), ':810001XX', 'closer than 8100XXXX')
  t.equal(told(destinations.find('82000001', ranks)), ':8XXXXXXX')
  t.equal(told(destinations.find('81000001', inOrder())), ':8XXXXXXX', 'learned partitions must be in the search space')
  t.equal(told(destinations.find('7', ranks)), undefined)
})

t.test('equally close: the partition searched first, then what is local', async (t) => {
  const { destinations, learned, analysis } = cluster({ Offices: ['8100XXXX'], [learnedPatterns]: ['8200XXXX'] })
  learned.add('enterprise-pattern', '8100XXXX', { cluster: 'cluster1' })
  learned.add('enterprise-pattern', '8200XXXX', { cluster: 'cluster1' })
  t.equal(told(destinations.find('81000001', inOrder(learnedPatterns, 'Offices'))), 'learned 8100XXXX')
  t.equal(told(destinations.find('81000001', inOrder('Offices', learnedPatterns))), 'Offices:8100XXXX')
  t.equal(told(destinations.find('82000001', inOrder(learnedPatterns))), `${learnedPatterns}:8200XXXX`)
  analysis.addLine('1000001', '')
  learned.add('enterprise-number', '1000001', { cluster: 'cluster1' })
  t.equal(told(destinations.find('1000001', inOrder(learnedNumbers))), 'learned 1000001', '<None> is searched last')
  t.equal(told(destinations.find('1000001')), 'line 1000001', 'a call from a trunk has no search order')
})

t.test('a number of this cluster that is searched first is not looked for anywhere else', async (t) => {
  const { destinations, learned, analysis } = cluster({})
  analysis.addLine('1000001', '')
  analysis.addLine('1000002', 'Offices')
  for (const ranks of [inOrder(), undefined]) t.equal(told(destinations.find('1000001', ranks)), 'line 1000001')
  t.equal(told(destinations.find('1000002', inOrder('Offices'))), 'line 1000002')
  t.equal(learned.asked, 0)
  t.equal(told(destinations.find('1000001', inOrder('Offices'))), 'line 1000001')
  t.equal(learned.asked, 1, 'something might be searched before <None>')
})

t.test('a local alternate number counts as a number in its partition', async (t) => {
  const { destinations, learned, analysis } = cluster({ '': ['8XXXXXXX'], Offices: ['81000002'] }, [
    { enterpriseAlternateNumber: alternate('81000001', 'Offices'), e164AlternateNumber: alternate('+14081000001') },
    { dn: '1000002', enterpriseAlternateNumber: alternate('81000002', 'Offices') },
    { dn: '1000003', partition: 'Hidden', enterpriseAlternateNumber: alternate('81000001', '') },
  ])
  t.equal(told(destinations.find('81000001', inOrder('Offices'))), 'alternate of 1000001 in ')
  t.equal(told(destinations.find('81000001', inOrder())), 'alternate of 1000003 in Hidden', '<None> is open')
  t.equal(told(destinations.find('81000002', inOrder())), ':8XXXXXXX')
  t.equal(
    told(destinations.find('81000002', inOrder('Offices'))),
    'Offices:81000002',
    'no line, but as close and first',
  )
  t.equal(told(destinations.find('+14081000001', inOrder('Offices'))), undefined, 'added to no local partition')
  t.equal(told(destinations.find('+14081000001')), 'alternate of 1000001 in ', 'others have learned it')
  learned.add('enterprise-number', '81000001', { cluster: 'cluster2' })
  t.equal(told(destinations.find('81000001')), 'alternate of 1000001 in ', 'local before learned')
  analysis.addLine('81000001', '')
  t.equal(told(destinations.find('81000001')), 'line 81000001', 'a directory number before an alternate one')
})

t.test('a URI: local in a partition of the caller’s, else learned', async (t) => {
  const { destinations, learned } = cluster({}, [
    { directoryUris: [uri('bob@cluster1.example', 'Offices')] },
    { dn: '1000002', directoryUris: [uri('bob@cluster1.example', 'Labs')] },
  ])
  t.equal(told(destinations.find('bob@cluster1.example', inOrder('Labs', 'Offices'))), 'alternate of 1000002 in ')
  t.equal(told(destinations.find('bob@cluster1.example', inOrder('Offices'))), 'alternate of 1000001 in ')
  t.equal(told(destinations.find('bob@cluster1.example', inOrder())), undefined)
  t.equal(told(destinations.find('bob@cluster1.example')), 'alternate of 1000001 in ')
  learned.add('directory-uri', 'bob@cluster1.example', { cluster: 'cluster2' })
  t.equal(told(destinations.find('bob@cluster1.example', inOrder())), 'learned bob@cluster1.example')
  t.equal(told(destinations.find('bob@cluster1.example')), 'alternate of 1000001 in ')
  t.equal(learned.asked, 0, 'a URI is no number')
})

t.test('without ILS what is local still works', async (t) => {
  const { analysis } = cluster({ '': ['8XXX'] })
  const destinations = new Destinations({
    database: { globalDialPlan: { findAlternate: () => [], findUri: () => [] } } as never,
    ils: () => undefined,
    digitAnalysis: () => analysis,
    sipRoutes: () => new SipRoutes([]),
  })
  t.equal(told(destinations.find('8000', inOrder())), ':8XXX')
  t.equal(destinations.find('bob@cluster1.example', inOrder()), undefined)
})

t.test('URIs are dialled in any case and kept in lower case; numbers lose their separators', async (t) => {
  t.equal(normalizeDestination(' Bob@Cluster1.EXAMPLE '), 'bob@cluster1.example')
  t.equal(normalizeDestination('8-1000-001'), '81000001')
  t.equal(normalizeDestination('bob'), undefined)
  t.equal(normalizeDestination('\u212Aally@cluster3.example'), undefined, 'the Kelvin sign is no K')
})
