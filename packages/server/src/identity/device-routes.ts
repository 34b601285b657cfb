import { endpoints } from '@latchwork/contract'
import { type HttpApp, registerEndpoint, registerPublicEndpoint } from '../http/endpoint.ts'
import type { DeviceSignIn } from './devices.ts'
import type { SignInLimit } from './sign-in-limit.ts'

/** A program polls every two seconds. */
const pollsPerMinute = 120

/** Registers sign-in from a terminal. */
export function registerDevices(app: HttpApp, devices: DeviceSignIn, limit: SignInLimit): void {
  const { begin, poll, lookUp, decide } = endpoints.devices
  const guessed = { before: limit.check }
  registerPublicEndpoint(
    app,
    begin,
    ({ body, request }) => devices.begin(body.deviceName, request.ip),
    guessed,
  )
  registerPublicEndpoint(app, poll, ({ body }) => devices.poll(body.deviceCode), {
    // The process refuses what it has counted itself without asking the database.
    perMinute: pollsPerMinute,
    before: limit.perClient('polls', pollsPerMinute),
  })
  registerEndpoint(app, lookUp, ({ body }) => devices.lookUp(body.userCode), guessed)
  registerEndpoint(
    app,
    decide,
    ({ body, caller }) => devices.decide(body.userCode, body.allow, caller),
    guessed,
  )
}
