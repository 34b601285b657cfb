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
 * Returns what axe finds wrong with the page as it is. Axe is loaded once into a document and reports faults only: to
 * describe all elements without faults would take longer than checking them.
 * @param rules the rules to check; all by default
 */
export async function axeFaults(page: Page, rules: readonly string[] | null = null): Promise<AxeFault[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  return page.evaluate(async (only) => {
    // What is half faded in has less contrast than it will have.
    const ending = document.getAnimations().filter(({ effect }) => effect?.getTiming().iterations === 1)
    await Promise.all(ending.map(({ finished }) => finished.catch(() => undefined)))
    const { axe: inPage } = window as typeof window & { axe: typeof axe }
    const { violations } = await inPage.run(document, {
      resultTypes: ['violations'],
      ...(only === null ? {} : { runOnly: [...only] }),
    })
    return violations.map(({ id, nodes }) => ({ id, at: nodes.map(({ html }) => html.slice(0, 300)) }))
  }, rules)
}
