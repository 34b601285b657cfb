import type { Page } from '@playwright/test'

/** Searches a list that is in view for a name, so that others may come first. A short list has no search and needs none. */
export async function searchList(page: Page, what: string, name: string): Promise<void> {
  const search = page.getByRole('searchbox', { name: `Search ${what}` })
  if (await search.isVisible()) await search.fill(name)
}
