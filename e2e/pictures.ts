import { join } from 'node:path'
import { chromium, type Page } from '@playwright/test'
import { buildWebIfNeeded } from '../tools/build-web.ts'
import { findChromium } from '../tools/chromium.ts'
import { beginRun, type End } from '../tools/demo/run-flow.ts'
import { account, storeCredential } from './accounts.ts'
import { addCredential } from './pages/add-credential.ts'
import { type Product, startProduct } from './product.ts'

/* `npm run pictures -w e2e` takes the pictures of the README again, into docs/images. */
const folder = join(import.meta.dirname, '../docs/images')
const size = { width: 1280, height: 800 }

async function addingCredential(page: Page, product: Product): Promise<void> {
  const { apiKey, organization } = account(product)
  await storeCredential(product, 'Operations')
  const overlay = await addCredential(page)
  await overlay.fill({
    'Credential Name': 'Sales team',
    'Credential Description': 'Reads leads for the weekly report. Good until the audit in March.',
    'API Key': apiKey.key,
  })
  await overlay.dialog.getByText(organization.name).waitFor()
  await overlay.field('API Key').focus()
}

async function finishedRun(page: Page, product: Product): Promise<void> {
  const { id } = await storeCredential(product, 'Sales team')
  const fields = 'name, status_label, url, description, date_created'
  const leads: End = { connector: 'close', credentialId: id, config: { object: 'leads', fields } }
  const file: End = {
    connector: 'files',
    credentialId: null,
    config: { file: 'leads.jsonl', format: 'jsonl' },
  }
  const run = await beginRun(product.client, 'Leads for the weekly report', leads, file)
  await page.goto(`/runs/${run.id}`)
  await page.getByText('Succeeded', { exact: true }).waitFor()
  await page.getByRole('region', { name: 'Table of the last records' }).waitFor()
}

buildWebIfNeeded()
const product = await startProduct(20_000)
const executablePath = findChromium()
const browser = await chromium.launch({
  ...(executablePath === null ? {} : { executablePath }),
  args: ['--no-sandbox', '--disable-gpu'],
})
try {
  const page = await browser.newPage({ baseURL: product.url, ignoreHTTPSErrors: true, viewport: size })
  const { email, password } = product
  await page.request.post('/api/session', { data: { email, password }, headers: { 'x-latchwork': '1' } })
  for (const [name, show] of Object.entries({ 'add-credential': addingCredential, run: finishedRun })) {
    await show(page, product)
    await page.evaluate('document.fonts.ready')
    await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' })
  }
} finally {
  await browser.close()
  await product.stop()
}
