import { expect, type Locator, type Page } from '@playwright/test'

/** The wizard New Data Flow, from any of its steps. */
export class Wizard {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  /** Opens it from the list of flows, as a person does. */
  async open(): Promise<void> {
    await this.page.goto('/flows')
    await this.page.getByRole('link', { name: 'New data flow' }).click()
    await expect(this.page.getByRole('heading', { name: 'Where do the records come from?' })).toBeVisible()
  }

  /** Clicks a tile. One of a system or a credential leads on to the next step. */
  async choose(tile: string): Promise<void> {
    await this.page.getByRole('radio', { name: tile, exact: true }).click()
  }

  async next(): Promise<void> {
    await this.page.getByRole('button', { name: 'Next' }).click()
  }

  field(label: string): Locator {
    return this.page.getByRole('textbox', { name: label, exact: true })
  }

  async upload(name: string, content: string): Promise<void> {
    const choosing = this.page.waitForEvent('filechooser')
    await this.page.getByRole('button', { name: 'Upload a file' }).click()
    const chooser = await choosing
    await chooser.setFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(content) })
    await expect(this.page.getByRole('combobox', { name: 'File', exact: true })).toHaveValue(name)
  }

  /** Chooses from a list that opens under its field. */
  async select(label: string, option: string | RegExp): Promise<void> {
    await this.page.getByRole('combobox', { name: label, exact: true }).click()
    await this.page.getByRole('option', { name: option }).click()
  }

  /** Creates the flow, runs it, and waits for the end of the run. Returns the run's id. */
  async createAndRun(name: string): Promise<string> {
    await this.field('Flow name').fill(name)
    await this.page.getByRole('button', { name: 'Create and run' }).click()
    await this.page.waitForURL(/\/runs\/run_/)
    await expect(this.page.getByRole('heading', { name, level: 1 })).toBeVisible()
    await expect(this.page.getByText('Succeeded', { exact: true })).toBeVisible({ timeout: 60_000 })
    return new URL(this.page.url()).pathname.split('/').at(-1) ?? ''
  }
}

/** One number of a run's page, by its label. */
export function count(page: Page, label: string): Locator {
  const progress = page.getByRole('region', { name: 'Progress' })
  return progress
    .locator('div')
    .filter({ has: page.getByText(label, { exact: true }) })
    .getByRole('definition')
}
