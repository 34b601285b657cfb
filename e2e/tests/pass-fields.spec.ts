import { newId, type PassCreate } from '@latchwork/contract'
import { newName, storeCredential } from '../accounts.ts'
import { expectAccessibleInAllForms } from '../axe.ts'
import { expect, type Product, test } from '../product.ts'

async function makePass(product: Product, rules: PassCreate['rules']) {
  const credential = await storeCredential(product, newName('Of fields'))
  return product.client.passes.create({
    body: { name: newName('Some fields'), credentialId: credential.id, rules },
  })
}

/** A custom field of leads, by the name that Close's API has for it. */
function seatsOf({ sandbox }: Product): string {
  const id = `cf_${newId('pass').slice(5).repeat(3).slice(0, 43)}`
  const record = { id, object_type: 'lead', name: 'Places in the hall', type: 'number' }
  sandbox.control.insert({ type: 'custom_field', record })
  return `custom.${id}`
}

test('fields are chosen by label at the keyboard, and labels stand where people read', async ({
  signedIn: page,
  product,
}) => {
  const seats = seatsOf(product)
  const gone = `custom.cf_${'9'.repeat(43)}`
  const rules = {
    objects: { lead: ['read' as const, 'change' as const] },
    fields: { lead: { read: ['name', gone] } },
  }
  const { pass, token } = await makePass(product, rules)
  await page.goto(`/passes/${pass.id}/change`)
  const reads = page.getByRole('combobox', { name: 'Leads: fields that may be read' })
  await expect(page.getByText('One of them is not in Close any more.')).toBeVisible()
  await reads.focus()
  await page.keyboard.type('the HALL')
  const option = page.getByRole('option', { name: 'Places in the hall' })
  await expect(option).toContainText(seats)
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  const words = page.getByRole('complementary', { name: 'This pass' })
  await expect(words).toContainText(`Of leads only name, ${gone} and Places in the hall can be read.`)
  await expect(words.getByTitle(seats)).toHaveText('Places in the hall')
  await expectAccessibleInAllForms(page)
  // What the account does not have can be typed, as well.
  await reads.fill('localtime, source')
  await page.getByRole('option', { name: 'Add localtime, source' }).click()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.waitForURL(`**/passes/${pass.id}`)
  const stored = await product.client.passes.get({ params: { id: pass.id } })
  expect(stored.rules.fields).toEqual({ lead: { read: ['name', gone, seats, 'localtime', 'source'] } })
  await expect(page.getByTitle(seats)).toHaveText('Places in the hall')

  const limited = { ...rules, fields: { lead: { write: [seats] } } }
  await product.client.passes.update({ params: { id: pass.id }, body: { rules: limited } })
  const body = JSON.stringify({ [gone]: 1 })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const url = `${product.url}/close/api/v1/lead/lead_1/`
  expect((await product.browse(url, { method: 'PUT', headers, body })).status).toBe(403)
  await expect(page.getByRole('region', { name: 'Table of calls' })).toContainText(`Leads: write "${gone}"`)
})

test('fields can be typed while Close can’t be asked', async ({ signedIn: page, product }) => {
  const { pass } = await makePass(product, {
    objects: { lead: ['read'] },
    fields: { lead: { read: ['name'] } },
  })
  await page.route('**/api/passes/fields?**', (route) => route.abort())
  await page.goto(`/passes/${pass.id}/change`)
  await expect(page.getByText('Close can’t be asked for its fields now.')).toBeVisible()
  await page.getByRole('combobox', { name: 'Leads: fields that may be read' }).fill('url')
  await page.getByRole('option', { name: 'Add url' }).click()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.waitForURL(`**/passes/${pass.id}`)
  await expect(page.getByText('Of leads only name and url can be read.')).toBeVisible()
})
