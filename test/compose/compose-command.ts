import { docker, findEngine, hasImage } from '../fixtures/engine.ts'

/** Compose to use, or why the suite cannot run. */
export async function composeCommand() {
  const { engine, ...none } = await findEngine()
  if (engine === undefined) return { reason: 'reason' in none ? none.reason : 'no engine' }
  if (engine.compose === undefined) return { reason: 'neither docker compose nor docker-compose is there' }
  for (const image of ['node:24-bookworm-slim', 'redis:7-bookworm']) {
    if (!(await hasImage(image)) && !(await pulled(image)))
      return { reason: `${image} is not here and cannot be pulled` }
  }
  return { compose: engine.compose, reason: '' }
}

async function pulled(image: string): Promise<boolean> {
  return docker('pull', '--quiet', image).then(
    () => true,
    () => false,
  )
}
