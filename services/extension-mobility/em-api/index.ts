export { registerEmApiRoutes } from './routes.ts'
