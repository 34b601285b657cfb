import { endpoints } from '@latchwork/contract'
import { type HttpApp, registerEndpoint, registerPublicEndpoint } from '../http/endpoint.ts'
import type { DeviceSignIn } from './devices.ts'

/** A program polls every two seconds. */
const pollsPerMinute = 120

/** Registers sign-in from a terminal. `signInsPerMinute` of one client bounds guessing at codes. */
export function registerDevices(app: HttpApp, devices: DeviceSignIn, signInsPerMinute: number): void {
  const { begin, poll, lookUp, decide } = endpoints.devices
  const limited = { perMinute: signInsPerMinute }
  registerPublicEndpoint(
    app,
    begin,
    ({ body, request }) => devices.begin(body.deviceName, request.ip),
    limited,
  )
  registerPublicEndpoint(app, poll, ({ body }) => devices.poll(body.deviceCode), {
    perMinute: pollsPerMinute,
  })
  registerEndpoint(app, lookUp, ({ body }) => devices.lookUp(body.userCode), limited)
  registerEndpoint(
    app,
    decide,
    ({ body, caller }) => devices.decide(body.userCode, body.allow, caller),
    limited,
  )
}
