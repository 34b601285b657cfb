import { expect, type Locator, type Page } from '@playwright/test'
import type { Product } from '../product.ts'
import type { Seed } from './seed.ts'

export interface Shown {
  readonly page: Page
  readonly product: Product
  readonly seed: Seed
  /** The administrator's cookies, to sign in again. */
  readonly session: Parameters<ReturnType<Page['context']>['addCookies']>[0]
}

/** A screen that a person can see. */
export interface Screen {
  readonly name: string
  /** Shown without a sign-in. */
  readonly signedOut?: true
  /** Leaves the browser with another member's sign-in, without a network, or with an authenticator. */
  readonly changesBrowser?: true
  /** Exists only in the narrow layout. */
  readonly narrowOnly?: true
  /** Opens the screen and waits until it is complete. */
  show(shown: Shown): Promise<void>
}

export function heading(page: Page, name: string | RegExp): Promise<void> {
  return expect(page.getByRole('heading', { name }).first()).toBeVisible()
}

export function dialog(page: Page, name: string | RegExp): Locator {
  return page.getByRole('dialog', { name })
}
