import { endpoints } from '@latchwork/contract'
import { type HttpApp, registerEndpoint } from '../http/endpoint.ts'
import type { JobQueue } from '../jobs/interface.ts'
import type { MasterKeyService } from './master-keys.ts'

/** Registers `/api/keys` and the paths below it. */
export function registerKeys(app: HttpApp, service: MasterKeyService, jobs: JobQueue): void {
  const { keys } = endpoints
  registerEndpoint(app, keys.list, () => service.list())
  registerEndpoint(app, keys.add, () => service.add())
  registerEndpoint(app, keys.rotate, async () => {
    await service.changeOver()
    await enqueueRotation(jobs)
    return service.list()
  })
  registerEndpoint(app, keys.retire, ({ params }) => service.retire(params.id))
}

/** At most one rotation waits or runs. */
export async function enqueueRotation(jobs: JobQueue): Promise<void> {
  await jobs.enqueue('rotateKeys', {}, { key: 'all' })
}
