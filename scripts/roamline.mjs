#!/usr/bin/env node
// `npx roamline …`
import { main } from './launch.mjs'

await main('roamline', process.argv.slice(2))
