import { expect } from '@playwright/test'
import { heading, type Screen } from './screen.ts'

/** The pages of the links that a terminal prints. */
export const terminalScreens: readonly Screen[] = [
  {
    name: 'device',
    show: async ({ page }) => {
      await page.goto('/device')
      await page.getByRole('textbox', { name: 'Code' }).fill('BCDF-GHJK')
      await page.getByRole('button', { name: 'Go on' }).click()
      await expect(page.getByRole('alert')).toBeVisible()
    },
  },
  {
    name: 'device-asks',
    show: async ({ page, product }) => {
      const { userCode } = await product.client.devices.begin({ body: { deviceName: "Wren's laptop" } })
      await page.goto(`/device?code=${userCode}`)
      await page.getByRole('button', { name: 'Go on' }).click()
      await heading(page, 'Sign in a terminal?')
    },
  },
  {
    name: 'authorize',
    show: async ({ page, seed }) => {
      await page.goto(`/authorize/${seed.authorized.id}`)
      await expect(page.getByRole('button', { name: 'Go on to grant access' })).toBeVisible()
    },
  },
  {
    name: 'authorize-other-account',
    show: async ({ page, seed }) => {
      await page.goto(`/authorize/${seed.authorized.id}?result=identity_changed`)
      await expect(page.getByRole('button', { name: 'Use the other account' })).toBeVisible()
    },
  },
]
