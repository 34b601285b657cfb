import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { bundleOf } from '../../../../tools/test-processes/bundle.ts'
import {
  type Message,
  type Order,
  type Outcome,
  type Report,
  reportSchema,
  type Step,
  type WorkerSettings,
} from './orders.ts'

const reportWithinMs = 120_000
const program = join(import.meta.dirname, 'worker-child.ts')

/** A stopped process would outlive this one. */
const living = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})

type Asked = Pick<Order, 'credentialId'> & Partial<Pick<Order, 'generation' | 'callers'>>

/** A refresh that waits at a step. */
export interface Halted {
  /** What its caller gets in the end. */
  readonly outcomes: Promise<readonly Outcome[]>
  /** @param clockStepMs so far is the process's clock set forward (or back) at this moment */
  goOn(clockStepMs?: number): void
}

/** A refreshing process that can be killed and stopped. */
export class Worker {
  readonly #child: ChildProcess
  readonly #waiting = new Map<string, (report: Report) => void>()
  readonly exited: Promise<void>
  #number = 0

  private constructor(program: string, settings: WorkerSettings) {
    this.#child = fork(program, [JSON.stringify(settings)], { execArgv: [] })
    living.add(this.#child)
    this.exited = new Promise((resolve) => this.#child.once('exit', () => resolve()))
    void this.exited.then(() => living.delete(this.#child))
    this.#child.on('message', (message) => {
      const report = reportSchema.parse(message)
      this.#waiting.get(keyOf(report.number, 'reached' in report))?.(report)
    })
  }

  /** Resolves when it takes orders. */
  static async start(settings: WorkerSettings): Promise<Worker> {
    const worker = new Worker(await bundleOf(program), settings)
    await worker.#outcomes(0)
    return worker
  }

  /** What its callers got. Rejects when the process ends first. */
  order(asked: Asked): Promise<readonly Outcome[]> {
    return this.#give(asked, null).outcomes
  }

  /** Resolves when its refresh waits at the step. */
  async halt(asked: Asked, step: Step): Promise<Halted> {
    const { number, outcomes } = this.#give(asked, step)
    const missed = outcomes.then((each) => {
      throw new Error(`the refresh ended before ${step}: ${each.join(', ')}`)
    })
    await Promise.race([this.#report(number, true), missed])
    return {
      outcomes,
      goOn: (clockStepMs = 0) => this.#send({ goOn: number, clockStepMs }),
    }
  }

  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal)
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exited
  }

  #give(asked: Asked, waitAt: Step | null): { number: number; outcomes: Promise<readonly Outcome[]> } {
    this.#number += 1
    const number = this.#number
    const outcomes = this.#outcomes(number)
    outcomes.catch(() => undefined) // whoever gave the order may be busy yet with what ends the worker
    this.#send({ generation: 0, callers: 1, ...asked, number, waitAt })
    return { number, outcomes }
  }

  #send(message: Message): void {
    this.#child.send(message)
  }

  async #outcomes(number: number): Promise<readonly Outcome[]> {
    const report = await this.#report(number, false)
    return 'outcomes' in report ? report.outcomes : []
  }

  async #report(number: number, reached: boolean): Promise<Report> {
    const key = keyOf(number, reached)
    const reported = Promise.withResolvers<Report>()
    const timer = setTimeout(() => reported.reject(new Error('the worker does not answer')), reportWithinMs)
    this.#waiting.set(key, reported.resolve)
    void this.exited.then(() => reported.reject(new Error('the worker ended')))
    try {
      return await reported.promise
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(key)
    }
  }
}

function keyOf(number: number, reached: boolean): string {
  return `${number} ${reached ? 'reached' : 'done'}`
}
