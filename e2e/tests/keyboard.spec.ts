/// <reference lib="dom" />
// Functions given to `evaluate` run in the browser.

import type { Locator, Page } from '@playwright/test'
import { account, newName, storeCredential } from '../accounts.ts'
import { AddCredential, tile } from '../pages/add-credential.ts'
import { expect, test } from '../product.ts'

test.use({ contextOptions: { reducedMotion: 'no-preference' } })

test.beforeAll(async ({ product }) => {
  await storeCredential(product, newName('There before'))
})

/** Presses Tab or Shift+Tab until the target has the focus, as a person does. */
async function tabTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await expect(target).toBeVisible()
  for (let presses = 0; presses < 80; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press(key)
  }
  await expect(target, `cannot be reached by ${key}`).toBeFocused()
}

/** Expects that the focused element looks different without the focus. */
async function expectFocusVisible(page: Page): Promise<void> {
  const marked = await page.evaluate(() => {
    const look = (element: Element) => {
      const { outlineStyle, outlineColor, boxShadow, borderColor, backgroundColor } =
        getComputedStyle(element)
      return [outlineStyle, outlineColor, boxShadow, borderColor, backgroundColor].join()
    }
    const focused = document.activeElement
    if (!(focused instanceof HTMLElement)) return false
    // A tile or a field may show the focus around its input.
    const around = [focused, focused.parentElement, focused.parentElement?.parentElement].filter(
      (each) => each != null,
    )
    const before = around.map(look)
    focused.blur()
    const after = around.map(look)
    focused.focus({ preventScroll: true })
    return before.some((each, index) => each !== after[index])
  })
  expect(marked, 'the focus can be seen').toBe(true)
}

test('the main path works by keyboard alone: from signing in to a finished run', async ({
  page,
  product,
}) => {
  const { apiKey, organization } = account(product)
  const { keyboard } = page
  await page.goto('/')
  await expect(page.getByRole('textbox', { name: 'Email' })).toBeFocused()
  await keyboard.type(product.email)
  await keyboard.press('Tab')
  await keyboard.type(product.password)
  await keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Flows', level: 1 })).toBeVisible()
  await tabTo(page, page.getByRole('link', { name: 'New data flow' }))
  await expectFocusVisible(page)
  await keyboard.press('Enter')

  // Tiles are radio buttons: one stop for Tab; arrows move; Enter chooses and continues.
  const close = page.getByRole('radio', { name: 'Close', exact: true })
  const files = page.getByRole('radio', { name: 'Files', exact: true })
  await tabTo(page, close)
  await expectFocusVisible(page)
  await keyboard.press('ArrowRight')
  await expect(files).toBeFocused()
  await expect(files).toBeChecked()
  await keyboard.press('ArrowLeft')
  await expect(close).toBeChecked()
  await keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Choose a credential for Close' })).toBeVisible()

  const add = page.getByRole('button', { name: 'Add Credential' })
  await tabTo(page, add)
  await expectFocusVisible(page)
  await keyboard.press('Enter')
  const overlay = new AddCredential(page)
  const name = newName('By keyboard')
  await expect(overlay.field('API Key')).toBeFocused()
  await tabTo(page, overlay.method('API Key'), 'Shift+Tab')
  await keyboard.press('ArrowRight')
  await expect(overlay.method('OAuth 2.0 (3-Legged)')).toBeChecked()
  await keyboard.press('ArrowLeft')
  await tabTo(page, overlay.field('API Key'))
  await expectFocusVisible(page)
  await keyboard.type(apiKey.key)
  await tabTo(page, overlay.button('Show the value'))
  await keyboard.press('Enter')
  await expect(overlay.field('API Key')).toHaveAttribute('type', 'text')
  await expect(overlay.dialog.getByRole('status')).toContainText(organization.name)
  await tabTo(page, overlay.field('Credential Name'))
  await keyboard.type(name)
  await expect(overlay.field('Credential Name')).toHaveValue(name)
  await keyboard.press('Tab')
  await expect(overlay.field('Credential Description')).toBeFocused()
  await tabTo(page, overlay.button('Save'))
  await expectFocusVisible(page)
  await keyboard.press('Enter')
  await expect(overlay.dialog).toBeHidden()

  await tabTo(page, tile(page, name))
  await expect(tile(page, name)).toBeChecked()
  await tabTo(page, page.getByRole('button', { name: 'Next' }))
  await keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'What should be read?' })).toBeVisible()
  await tabTo(page, page.getByRole('radio', { name: 'Leads' }))
  await keyboard.press('ArrowRight')
  await expect(page.getByRole('radio', { name: 'Contacts' })).toBeChecked()
  await tabTo(page, page.getByRole('button', { name: 'Test' }))
  await keyboard.press('Enter')
  await expect(page.getByText(/^It works\./)).toBeVisible()
  await tabTo(page, page.getByRole('button', { name: 'Next' }))
  await keyboard.press('Enter')
  await tabTo(
    page,
    page
      .getByRole('radio', { name: 'Files', exact: true })
      .or(page.getByRole('radio', { name: 'Close', exact: true }))
      .first(),
  )
  await page.getByRole('radio', { name: 'Files', exact: true }).press('Space')
  await keyboard.press('Enter')
  await tabTo(page, page.getByRole('textbox', { name: 'File name' }))
  await keyboard.type('by-keyboard.jsonl')
  await tabTo(page, page.getByRole('button', { name: 'Next' }))
  await keyboard.press('Enter')
  await tabTo(page, page.getByRole('button', { name: 'Create and run' }))
  await expectFocusVisible(page)
  await keyboard.press('Enter')
  await expect(page.getByText('Succeeded', { exact: true })).toBeVisible({ timeout: 60_000 })
})

test('Escape closes what floats and the focus goes back to where it came from', async ({
  signedIn: page,
  product,
}) => {
  const { keyboard } = page
  const name = newName('Opened')
  await storeCredential(product, name)
  await page.goto('/sources/new')
  await page.getByRole('radio', { name: 'Close', exact: true }).press('Enter')
  const add = page.getByRole('button', { name: 'Add Credential' })
  await add.press('Enter')
  const overlay = new AddCredential(page)
  await expect(overlay.field('API Key')).toBeFocused()
  await keyboard.press('Escape')
  await expect(overlay.dialog).toBeHidden()
  await expect(add).toBeFocused()

  await add.press('Enter')
  await overlay.field('Credential Name').fill('Half typed')
  await keyboard.press('Escape')
  const question = page.getByRole('dialog', { name: 'Discard what you typed?' })
  await expect(question).toBeVisible()
  await keyboard.press('Escape')
  await expect(question).toBeHidden()
  await expect(overlay.field('Credential Name')).toHaveValue('Half typed')
  await overlay.button('Cancel').press('Enter')
  await question.getByRole('button', { name: 'Discard' }).press('Enter')
  await expect(overlay.dialog).toBeHidden()
  await expect(add).toBeFocused()

  await page.goto(`/credentials?query=${encodeURIComponent(name)}`)
  const row = page.getByRole('button', { name, exact: true })
  await row.press('Enter')
  await expect(page.getByRole('dialog', { name: 'Credential' })).toBeVisible()
  await keyboard.press('Escape')
  await expect(page.getByRole('dialog', { name: 'Credential' })).toBeHidden()
  await expect(row).toBeFocused()
})

test('Tab stays inside an open overlay', async ({ signedIn: page }) => {
  await page.goto('/credentials?add=close')
  const overlay = new AddCredential(page)
  await expect(overlay.field('API Key')).toBeFocused()
  for (let presses = 0; presses < 25; presses += 1) {
    await page.keyboard.press('Tab')
    expect(await overlay.dialog.evaluate((dialog) => dialog.contains(document.activeElement))).toBe(true)
  }
})

test('the palette opens with / and Ctrl-K, finds a credential, and runs an action', async ({
  signedIn: page,
  product,
}) => {
  const { keyboard } = page
  const name = newName('Found by letters')
  await storeCredential(product, name)
  await page.goto('/runs')
  await expect(page.getByRole('heading', { name: 'Runs', level: 1 })).toBeVisible()
  const search = page.getByRole('combobox', { name: 'Search' })
  await keyboard.press('/')
  await expect(search).toBeFocused()
  await expect(search).toHaveValue('')
  await keyboard.press('Escape')
  await expect(search).toBeHidden()
  await keyboard.press('Control+k')
  await expect(search).toBeFocused()
  await keyboard.type(name)
  await expect(page.getByRole('option', { name })).toBeVisible()
  await expect(page.getByRole('option', { name })).toHaveAttribute('aria-selected', 'true')
  await keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: 'Credential' }).getByRole('heading', { name })).toBeVisible()
  await keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)

  await keyboard.press('Control+k')
  await expect(search).toBeFocused()
  // Enter at once: it must not choose an entry from before the last letter.
  await keyboard.type('data flow')
  await keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Where do the records come from?' })).toBeVisible()
})

test('a name is edited where it stands: Enter saves, Escape gives up', async ({
  signedIn: page,
  product,
}) => {
  const { keyboard } = page
  const { id } = await storeCredential(product, newName('To rename'))
  await page.goto(`/credentials?id=${id}`)
  const drawer = page.getByRole('dialog', { name: 'Credential' })
  const pencil = drawer.getByRole('button', { name: 'Edit the name' })
  const name = newName('Renamed')
  await pencil.press('Enter')
  await expect(drawer.getByRole('textbox', { name: 'Credential Name' })).toBeFocused()
  await keyboard.press('Control+a')
  await keyboard.type(name)
  await keyboard.press('Enter')
  await expect(drawer.getByRole('heading', { name })).toBeVisible()
  await expect(pencil).toBeFocused()
  await keyboard.press('Enter')
  await keyboard.type('thrown away')
  await keyboard.press('Escape')
  await expect(drawer.getByRole('heading', { name })).toBeVisible()
  await expect(pencil).toBeFocused()
  expect((await product.client.credentials.get({ params: { id } })).name).toBe(name)
})
