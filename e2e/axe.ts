/// <reference lib="dom" />
// Functions given to `evaluate` run in the browser.

import { expect, type Page } from '@playwright/test'
import axe from 'axe-core'

interface AxeFault {
  readonly id: string
  /** The beginnings of the elements with this fault, as HTML. */
  readonly at: readonly string[]
}

/**
 * Returns what axe finds wrong with the page as it is. Axe is loaded once into a document and reports faults only: to
 * describe all elements without faults would take longer than checking them.
 */
export async function axeFaults(
  page: Page,
  {
    rules = null,
    inDialogs = false,
  }: {
    /** The rules to check; null: all. */
    readonly rules?: readonly string[] | null
    /** Checks only the open dialogs that cover the page, if there is one. */
    readonly inDialogs?: boolean
  } = {},
): Promise<AxeFault[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  return page.evaluate(
    async ({ only, dialogsOnly }) => {
      // What is half faded in has less contrast than it will have.
      const ending = document.getAnimations().filter(({ effect }) => effect?.getTiming().iterations === 1)
      await Promise.all(ending.map(({ finished }) => finished.catch(() => undefined)))
      const { axe: inPage } = window as typeof window & { axe: typeof axe }
      const open = [...document.querySelectorAll('[role=dialog][aria-modal=true]')]
      const dialogs = dialogsOnly ? open.filter((dialog) => dialog.checkVisibility()) : []
      const { violations } = await inPage.run(dialogs.length > 0 ? { include: dialogs } : document, {
        resultTypes: ['violations'],
        ...(only === null ? {} : { runOnly: [...only] }),
      })
      return violations.map(({ id, nodes }) => ({ id, at: nodes.map(({ html }) => html.slice(0, 300)) }))
    },
    { only: rules, dialogsOnly: inDialogs },
  )
}

/** Requires that axe finds nothing wide and narrow, light and dark, and that nothing is wider than the page. */
export async function expectAccessibleInAllForms(page: Page): Promise<void> {
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 800 })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await axeFaults(page), `${width} ${colorScheme}`).toEqual([])
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth)
    expect(wide).toBeLessThanOrEqual(width)
  }
}
