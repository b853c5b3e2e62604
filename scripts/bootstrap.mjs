// `npm start|test|demo|bench|simulate|scale`: what runs on a fresh clone, before anything is installed.
import { main } from './launch.mjs'

await main(process.argv[2] ?? '', process.argv.slice(3))
