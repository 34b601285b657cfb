import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What the upstream answers for a path, whole. */
export interface FixedAnswer {
  readonly path: string
  readonly body: string
}

export interface NginxPlan {
  /** Plain HTTP: answers these, and asks `otherwise` for the rest. */
  readonly upstreamPort: number
  readonly answers: readonly FixedAnswer[]
  readonly otherwise: string
  /** TLS: passes everything on to the upstream with this value of `Authorization`. */
  readonly proxyPort: number
  readonly authorization: string
  readonly certificateFile: string
  readonly keyFile: string
}

export interface Nginx {
  stop(): Promise<void>
}

const needed = ['nginx', 'wrk'] as const

/** What of the programs that this bench runs the machine does not have. */
export function missingPrograms(): readonly string[] {
  return needed.filter((name) => {
    try {
      execFileSync('which', [name], { env: withSbin(), stdio: 'ignore' })
      return false
    } catch {
      return true
    }
  })
}

/** Debian puts nginx where only root's path looks. */
export function withSbin(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` }
}

/** An upstream that costs next to nothing, and a proxy before it that does the least a gateway could do. */
export async function startNginx(plan: NginxPlan): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'latchwork-nginx-'))
  // Its workers are another user where it is started by root.
  chmodSync(folder, 0o755)
  const locations = plan.answers.map(({ path, body }, index) => {
    writeFileSync(join(folder, `${index}.json`), body)
    // Close's limits as an organization sees them that is far from them.
    return `location = ${path} { root ${folder}; try_files /${index}.json =404; default_type application/json; add_header ratelimit "limit=1000000, remaining=999999, reset=1"; }`
  })
  writeFileSync(
    join(folder, 'nginx.conf'),
    `worker_processes auto;
pid ${folder}/pid;
error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  upstream close { server 127.0.0.1:${plan.upstreamPort}; keepalive 64; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${plan.upstreamPort};
    ${locations.join('\n    ')}
    location / { proxy_pass ${plan.otherwise}; }
  }
  server {
    listen 127.0.0.1:${plan.proxyPort} ssl;
    ssl_certificate ${plan.certificateFile};
    ssl_certificate_key ${plan.keyFile};
    location / {
      proxy_pass http://close;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Authorization "${plan.authorization}";
    }
  }
}
`,
  )
  const child = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-g', 'daemon off;'], {
    env: withSbin(),
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await untilListening(child, plan.proxyPort)
  return {
    stop: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function untilListening(child: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (child.exitCode !== null) throw new Error(`nginx ended with status ${child.exitCode}`)
    const socket = connect(port, '127.0.0.1')
    const isThere = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    socket.destroy()
    if (isThere) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('nginx does not listen')
}
