import { readFileSync } from 'node:fs'
import { z } from 'zod'

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({ optionalDependencies: z.record(z.string(), z.string()).optional() }),
  ),
})

/**
 * Finds platform packages that the lockfile leaves out. npm 11 refuses to install from such a lockfile, and other
 * systems would miss the packages. It happens if a version is pinned before all of its platform packages are published.
 * @returns one line for each
 */
export function findMissingPlatforms(file: string): string[] {
  const { packages } = lockSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !isLocked(packages, path, name))
      .map((name) => `${path} wants ${name}, which the lockfile leaves out`),
  )
}

/** Looks where Node would: in the package's own node_modules, then in that of each folder above. */
function isLocked(packages: Record<string, unknown>, path: string, name: string): boolean {
  const parts = path.split('/')
  return (
    parts.some(
      (_, length) => [...parts.slice(0, parts.length - length), 'node_modules', name].join('/') in packages,
    ) || `node_modules/${name}` in packages
  )
}
