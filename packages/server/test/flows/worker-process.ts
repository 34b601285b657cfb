import { type ChildProcess, spawn } from 'node:child_process'
import { serverProgram } from '../../../../tools/test-processes/bundle.ts'
import { bareEnvironment } from '../../../../tools/test-processes/environment.ts'
import { freePort } from '../../../../tools/test-processes/ports.ts'
import type { Settings } from '../../src/settings/settings.ts'

export interface WorkerProcess {
  /** The status that `/health/PROBE` answers; null while nobody answers. */
  health(probe: string): Promise<number | null>
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
}

/** `latchwork-server worker` in a process of its own, beside a server with these settings. */
export async function startWorker(settings: Settings): Promise<WorkerProcess> {
  const port = await freePort()
  const program = await serverProgram()
  const child: ChildProcess = spawn(process.execPath, [program, 'worker', '--health-port', String(port)], {
    env: {
      ...bareEnvironment(),
      LATCHWORK_DATABASE_URL: settings.databaseUrl?.reveal(),
      LATCHWORK_DATA_DIR: settings.dataDir,
      LATCHWORK_PUBLIC_URL: settings.publicUrl,
      LATCHWORK_CLOSE_API_URL: settings.closeApiUrl,
      LATCHWORK_CLOSE_APP_URL: settings.closeAppUrl,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return {
    health: (probe) =>
      fetch(`http://127.0.0.1:${port}/health/${probe}`).then(
        ({ status }) => status,
        () => null,
      ),
    end: (signal) => {
      child.kill(signal)
      return ended
    },
  }
}
