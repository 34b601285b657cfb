import { expect, type Locator, type Page } from '@playwright/test'
import type { Product } from '../product.ts'
import type { Seed } from './seed.ts'

export interface Shown {
  readonly page: Page
  readonly product: Product
  readonly seed: Seed
  /** The cookies of the administrator, to be signed in again as. */
  readonly session: Parameters<ReturnType<Page['context']>['addCookies']>[0]
}

/** Something a person can have before them. */
export interface Screen {
  readonly name: string
  /** Without anybody signed in. */
  readonly signedOut?: true
  /** Needs the narrow layout to be seen at all. */
  readonly narrowOnly?: true
  /** Brings it about and waits until it is all there. */
  show(shown: Shown): Promise<void>
}

export function heading(page: Page, name: string | RegExp): Promise<void> {
  return expect(page.getByRole('heading', { name }).first()).toBeVisible()
}

export function dialog(page: Page, name: string | RegExp): Locator {
  return page.getByRole('dialog', { name })
}
