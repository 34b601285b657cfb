import { expect, type Locator, type Page } from '@playwright/test'

/** The drawer of one credential. */
export class CredentialDrawer {
  readonly page: Page
  readonly dialog: Locator

  constructor(page: Page) {
    this.page = page
    this.dialog = page.getByRole('dialog', { name: 'Credential', exact: true })
  }

  async open(id: string): Promise<void> {
    await this.page.goto(`/credentials?id=${id}`)
    await expect(this.dialog.getByRole('heading', { name: 'Details' })).toBeVisible()
  }

  button(name: string | RegExp): Locator {
    return this.dialog.getByRole('button', { name, exact: true })
  }

  field(label: string): Locator {
    return this.dialog.getByRole('textbox', { name: label, exact: true })
  }

  /** One row of the details, by its name. */
  fact(name: string): Locator {
    return this.dialog
      .locator('dl > div')
      .filter({ has: this.page.getByText(name, { exact: true }) })
      .getByRole('definition')
  }

  region(name: string): Locator {
    return this.dialog.getByRole('region', { name })
  }
}
