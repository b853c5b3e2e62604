import { registerHooks } from 'node:module'

const standIns: Readonly<Record<string, string>> = {
  typebox: new URL('typebox.ts', import.meta.url).href,
  'typebox/value': new URL('typebox-check.ts', import.meta.url).href,
  'typebox/compile': new URL('typebox-check.ts', import.meta.url).href,
}

/**
 * From here on this process loads a few hundred lines instead of TypeBox, whose seven hundred modules are a third of a cluster's
 * start and a fifth of its memory. The schemas stay TypeBox's in the source, for the type checker and in tests of single services;
 * test/cluster-node/lean-schemas holds the two equal.
 */
export function useLeanSchemas(): void {
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const url = standIns[specifier]
      return url === undefined ? nextResolve(specifier, context) : { url, shortCircuit: true }
    },
  })
}
