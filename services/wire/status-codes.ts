/**
 * Reason phrases by HTTP status. Not imported from `node:http`: an import evaluates all that a module exports, and one thing there
 * is Node's own fetch, a tenth of a second and 10 MiB which a process that only answers does not need.
 */
export const { STATUS_CODES } = process.getBuiltinModule('node:http')
