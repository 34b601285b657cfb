/// <reference lib="dom" />
// Functions given to `evaluate` run in the browser.

import type { Page } from '@playwright/test'
import axe from 'axe-core'

interface AxeFault {
  readonly id: string
  /** The beginnings of the elements with this fault, as HTML. */
  readonly at: readonly string[]
}

/**
 * What axe finds wrong with the page as it is. Axe is brought into a document once, and answers with its faults alone: the
 * text of a page's thousand sound elements takes longer than finding out that they are.
 * @param rules all unless given
 */
export async function axeFaults(page: Page, rules: readonly string[] | null = null): Promise<AxeFault[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  return page.evaluate(async (only) => {
    const { axe: inPage } = window as typeof window & { axe: typeof axe }
    const { violations } = await inPage.run(document, {
      resultTypes: ['violations'],
      ...(only === null ? {} : { runOnly: [...only] }),
    })
    return violations.map(({ id, nodes }) => ({ id, at: nodes.map(({ html }) => html.slice(0, 300)) }))
  }, rules)
}
