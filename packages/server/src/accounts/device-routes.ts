import { endpoints } from '@latchwork/contract'
import { type HttpApp, registerEndpoint, registerPublicEndpoint } from '../http/endpoint.ts'
import type { DeviceSignIn } from './devices.ts'
import type { SignInLimit } from './sign-in-limit.ts'

/** A program polls every two seconds. */
const pollsPerMinute = 120

/** Registers sign-in from a terminal. */
export function registerDevices(app: HttpApp, devices: DeviceSignIn, limit: SignInLimit): void {
  const { begin, poll, lookUp, decide } = endpoints.devices
  registerPublicEndpoint(app, begin, ({ body, request }) =>
    limit.attempt(request, null, () => devices.begin(body.deviceName, request.ip)),
  )
  registerPublicEndpoint(app, poll, ({ body }) => devices.poll(body.deviceCode), {
    perMinute: pollsPerMinute,
  })
  registerEndpoint(app, lookUp, ({ body, caller, request }) =>
    limit.attempt(request, caller.user.id, () => devices.lookUp(body.userCode)),
  )
  registerEndpoint(app, decide, ({ body, caller, request }) =>
    limit.attempt(request, caller.user.id, () => devices.decide(body.userCode, body.allow, caller)),
  )
}
