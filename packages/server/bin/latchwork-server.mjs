#!/usr/bin/env -S node --max-old-space-size=1024 --max-semi-space-size=16
// Plain JavaScript, for a Node that is too old for the rest: it refuses TypeScript before that could say why. `src/main.ts`
// leads here, so that it says so too.
if (process.features.typescript) await import('../src/program.ts')
else {
  process.stderr.write(
    `latchwork-server needs Node 22.18 or newer, which runs TypeScript; this is Node ${process.versions.node}.\n`,
  )
  process.exitCode = 1
}
