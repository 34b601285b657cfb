import { type OpenStores, openStores } from '../../src/app/stores.ts'
import type { FailedJob, JobOptions, JobQueue } from '../../src/jobs/interface.ts'
import { openJobs } from '../../src/jobs/open.ts'
import type { MakePlace, TestPlace } from '../database/database.ts'

export const timeouts = { timeout: 40_000, interval: 20 }

/** A database with queues on it. */
export class Scene implements AsyncDisposable {
  readonly failures: { error: unknown; job: FailedJob | null }[] = []
  readonly place: TestPlace
  stores: OpenStores
  readonly #queues = new Set<JobQueue>()

  constructor(place: TestPlace, stores: OpenStores) {
    this.place = place
    this.stores = stores
  }

  async open(options: Partial<JobOptions> = {}): Promise<JobQueue> {
    const onError: JobOptions['onError'] = (error, job) => this.failures.push({ error, job })
    const { databaseUrl } = this.place.settings
    const queue = await openJobs(this.stores.database, databaseUrl, { onError, ...options })
    this.#queues.add(queue)
    return queue
  }

  async close(queue: JobQueue, graceMs: number): Promise<void> {
    this.#queues.delete(queue)
    await queue.stop(graceMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#queues].map((queue) => queue.stop(0)))
    await this.stores.close()
    await this.place.remove()
  }
}

export async function setScene(makePlace: MakePlace): Promise<Scene> {
  const place = await makePlace()
  return new Scene(place, await openStores(place.settings))
}
