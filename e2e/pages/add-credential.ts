import { expect, type Locator, type Page } from '@playwright/test'
import { searchList } from './list-search.ts'

export type End = 'source' | 'destination'
export type Method = 'API Key' | 'OAuth 2.0 (3-Legged)'

/** Goes to the Authenticate step of a new data source or data destination of Close, which has credentials already. */
export async function goToAuthenticate(page: Page, end: End = 'source'): Promise<void> {
  await page.goto(`/${end}s/new`)
  await page.getByRole('radio', { name: 'Close', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Choose a credential for Close' })).toBeVisible()
}

/** Opens the overlay by its tile on the Authenticate step. */
export async function addCredential(page: Page, end: End = 'source'): Promise<AddCredential> {
  await goToAuthenticate(page, end)
  await page.getByRole('button', { name: 'Add Credential' }).click()
  const overlay = new AddCredential(page)
  await expect(overlay.dialog).toBeVisible()
  return overlay
}

/** The Add New Credential overlay for Close, the one that switches the method, or the form in the wizard: all the same. */
export class AddCredential {
  readonly page: Page
  readonly dialog: Locator
  /** The guide beside the form. */
  readonly guide: Locator

  /** @param where the overlay's title, or what else the form is in */
  constructor(page: Page, where: string | Locator = 'Add New Credential · Close') {
    this.page = page
    this.dialog = typeof where === 'string' ? page.getByRole('dialog', { name: where }) : where
    this.guide = this.dialog.getByRole('complementary')
  }

  field(label: string): Locator {
    return this.dialog.getByRole('textbox', { name: label, exact: true })
  }

  button(name: string): Locator {
    return this.dialog.getByRole('button', { name, exact: true })
  }

  method(method: Method): Locator {
    return this.dialog.getByRole('radio', { name: method, exact: true })
  }

  /** Types into fields by their labels, and leaves the last one. */
  async fill(values: Readonly<Record<string, string>>): Promise<void> {
    for (const [label, value] of Object.entries(values)) {
      await this.field(label).fill(value)
      await this.field(label).blur()
    }
  }

  /** Presses Authorize. Returns the popup with the other system's page. */
  async authorize(): Promise<Page> {
    const opening = this.page.waitForEvent('popup')
    await this.button('Authorize').click()
    const popup = await opening
    await popup.waitForURL(/\/oauth2\/authorize\//)
    return popup
  }

  async save(): Promise<void> {
    await this.button('Save').click()
    await expect(this.dialog).toBeHidden()
  }
}

function tiles(page: Page): Locator {
  return page.getByRole('radiogroup', { name: 'Credential for Close' })
}

/** The tile of a credential on the Authenticate step, if it is among the first 50 or just made. */
export function tile(page: Page, name: string): Locator {
  return tiles(page).getByRole('radio', { name, exact: true })
}

/** The same tile, searched for if other credentials come first. */
export async function findTile(page: Page, name: string): Promise<Locator> {
  await expect(tiles(page).getByRole('radio').first()).toBeVisible()
  const found = tile(page, name)
  if ((await found.count()) === 0) await searchList(page, 'credentials', name)
  return found
}
