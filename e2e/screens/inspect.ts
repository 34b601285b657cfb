/// <reference lib="dom" />
// Functions given to `evaluate` run in the browser.

import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { axeFaults } from '../axe.ts'

/** The theme affects only contrast, so each width checks all other rules once. */
const looks = [
  { scheme: 'light', width: 1280, rules: null },
  { scheme: 'dark', width: 1280, rules: ['color-contrast'] },
  { scheme: 'dark', width: 360, rules: null },
  { scheme: 'light', width: 360, rules: ['color-contrast'] },
] as const
/** A folder for a picture of every screen in every look; none are taken without it. */
const pictures = process.env['LATCHWORK_TEST_PICTURES']

/**
 * Checks a screen in both themes, wide and narrow: axe finds nothing, and nothing scrolls sideways except what is meant
 * to. What a dialog covers is a screen of its own, so only the first look at a dialog includes it.
 */
export async function inspect(page: Page, name: string, options: { narrowOnly?: true } = {}): Promise<void> {
  const taken = looks.filter(({ width }) => width === 360 || !options.narrowOnly)
  for (const [index, { scheme, width, rules }] of taken.entries()) {
    await test.step(`${name}, ${scheme}, ${width} px`, async () => {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
      await page.setViewportSize({ width, height: 800 })
      await settled(page)
      if (pictures !== undefined) {
        await page.screenshot({ path: join(pictures, `${name}-${scheme}-${width}.png`) })
      }
      const found = await axeFaults(page, { rules, inDialogs: index > 0 })
      expect.soft(found, `axe on ${name}, ${scheme}, ${width} px`).toEqual([])
      expect.soft(await tooWide(page), `${name}, ${scheme}, ${width} px scrolls sideways`).toEqual([])
    })
  }
}

/** Waits until the theme applies, the fonts are loaded and nothing moves. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready
    const running = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity)
    await Promise.allSettled(running.map(({ finished }) => finished))
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
  })
}

/** The page and the dialogs that are wider than their visible part. */
function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll('[role=dialog]')]
      .filter((element) => element.scrollWidth > element.clientWidth)
      .map((element) => `${element.tagName}: ${element.scrollWidth} in ${element.clientWidth}`),
  )
}
