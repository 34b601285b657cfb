import type { Page } from '@playwright/test'

/** Grants access to one organization on the sandbox's consent page. */
export async function allow(page: Page, organization: string): Promise<void> {
  await page.getByRole('radio', { name: organization }).check()
  await page.getByRole('button', { name: 'Allow' }).click()
}

export async function decline(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Decline' }).click()
}
