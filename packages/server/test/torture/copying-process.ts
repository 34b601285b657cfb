import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bundleOf } from '../../../../tools/test-processes/bundle.ts'
import { type CopyOrder, takenExitCode } from './copying.ts'
import { isLocked } from './is-locked.ts'

/** How a process that copies came to its end; `taken`: it found that another one had the run. */
export type CopyEnd = 'done' | 'killed' | 'taken'

const program = join(import.meta.dirname, 'copying-child.ts')
/** A signal takes its time to arrive. */
const signalMs = 20

/** A process that copies, to be killed, or frozen and woken. */
export class CopyingProcess {
  readonly #child: ChildProcess
  readonly #file: string
  readonly ended: Promise<CopyEnd>

  static async start(order: CopyOrder): Promise<CopyingProcess> {
    const child = fork(await bundleOf(program), [JSON.stringify(order)], { execArgv: [], stdio: 'inherit' })
    return new CopyingProcess(child, order.file)
  }

  private constructor(child: ChildProcess, file: string) {
    this.#child = child
    this.#file = file
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, signal) => {
        if (signal === 'SIGKILL') resolve('killed')
        else if (code === takenExitCode) resolve('taken')
        else if (code === 0) resolve('done')
        else reject(new Error(`the copying process ended with ${code ?? signal}`))
      })
    })
  }

  get #isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /**
   * It stands still until `thaw`. Never in the middle of a write: nobody else could open the copy for writing then.
   * @returns whether it had not ended before
   */
  async freeze(): Promise<boolean> {
    while (this.#isAlive) {
      this.#child.kill('SIGSTOP')
      await sleep(signalMs)
      if (this.#isAlive && !isLocked(this.#file)) return true
      this.thaw()
      await sleep(1)
    }
    return false
  }

  thaw(): void {
    this.#child.kill('SIGCONT')
  }
}
