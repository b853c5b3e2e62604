import type { Command } from 'commander'
import { run as runVerb } from './verb.ts'

interface RunVerbOptions {
  readonly lab: string
  readonly json?: boolean
}

const help = `
Everything else comes from the environment:
  ROAMLINE_DATA                 folder for its data                            /data
  ROAMLINE_SECRETS              folder that all processes of the lab share     /secrets
  ROAMLINE_REDIS_URL            Redis of the lab                               redis://redis:6379
  ROAMLINE_HOST                 address to listen on                           0.0.0.0
  ROAMLINE_HTTP_PORT            port for HTTP                                  8080
  ROAMLINE_HTTPS_PORT           port for HTTPS                                 8443
  ROAMLINE_TFTP_HTTP_PORT       port for phones' files over HTTP              6970
  ROAMLINE_TFTP_PORT            UDP port for phones' files over TFTP           6969
  ROAMLINE_ADVERTISE            host name by which others reach it             its name
  ROAMLINE_CLUSTER_URL_PATTERN  how a cluster is reached, <cluster> its name   https://<cluster>:8443
  ROAMLINE_INSECURE_DEFAULTS    1: listen beyond loopback with the standard passwords

Example:
  $ ROAMLINE_DATA=/tmp/data ROAMLINE_SECRETS=/tmp/secrets ROAMLINE_HOST=127.0.0.1 npx roamline run cluster1 --lab labs/three-clusters.yaml
`

/** `roamline run <name>`: what a container runs */
export function addRun(program: Command): void {
  program
    .command('run')
    .description('become one process of a lab: a hub, a cluster or the super user synchronization tool')
    .argument('<name>', 'its name in the lab file')
    .requiredOption('--lab <file>', 'lab file')
    .option('--json', 'JSON on stderr when it cannot start (its ready line is JSON anyway)')
    .addHelpText('after', help)
    .action((name: string, options: RunVerbOptions) =>
      runVerb(options.json, async () => {
        const { becomeProcess } = await import('../lab/become-process.ts')
        becomeProcess(name, options.lab)
      }),
    )
}
