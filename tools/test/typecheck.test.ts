import { glob } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { projects } from '../typecheck.ts'

const checkout = join(import.meta.dirname, '../..')

/** The files that a project names, without those that they import. */
function namedBy(project: string): string[] {
  const file = join(checkout, project)
  const { config } = ts.readConfigFile(file, ts.sys.readFile)
  const { fileNames, errors } = ts.parseJsonConfigFileContent(config, ts.sys, dirname(file))
  expect(errors).toEqual([])
  return fileNames.map((each) => relative(checkout, each))
}

it('every file of ours is in a project that is type-checked', async () => {
  const checked = new Set(projects.flatMap(namedBy))
  const files: string[] = []
  for await (const file of glob(['*.ts', '{packages,e2e,bench,tools}/**/*.{ts,tsx}'], {
    cwd: checkout,
    exclude: (name) => name.endsWith('node_modules') || name.endsWith('dist'),
  }))
    files.push(file)
  expect(files.length).toBeGreaterThan(500)
  expect(files.filter((file) => !checked.has(file))).toEqual([])
})
