import { account, newName, storeCredential } from '../accounts.ts'
import { findTile } from '../pages/add-credential.ts'
import { Wizard } from '../pages/wizard.ts'
import { expect, test } from '../product.ts'

test('any stream of Close can be found by typing, tested and moved', async ({ signedIn, product }) => {
  const credential = newName('For any stream')
  await storeCredential(product, credential)
  const { control } = product.sandbox
  const playbooks = control.truth(account(product).organization.id, 'playbook')
  const wizard = new Wizard(signedIn)
  await wizard.open()
  await wizard.choose('Close')
  await (await findTile(signedIn, credential)).click()
  await wizard.choose('Contacts')
  const what = signedIn.getByRole('combobox', { name: 'What to read', exact: true })
  await expect(what).toHaveValue('Contacts')
  await what.focus()
  await what.fill('playb')
  await expect(signedIn.getByRole('option')).toHaveCount(1)
  await signedIn.keyboard.press('ArrowDown')
  await signedIn.keyboard.press('Enter')
  await expect(what).toHaveValue('Playbooks')
  await expect(signedIn.getByRole('radio', { name: 'Contacts', exact: true })).not.toBeChecked()
  await expect(wizard.field('Name of this data source')).toHaveValue(`Playbooks from ${credential}`)
  await signedIn.getByRole('button', { name: 'Test' }).click()
  await expect(signedIn.getByText(`It works. The first ${playbooks.length} records:`)).toBeVisible()
  await wizard.select('What to read', 'Calls')
  await wizard.choose('Leads')
  await expect(what).toHaveValue('Leads')
  await wizard.select('What to read', 'Playbooks')
  await wizard.next()
  await wizard.choose('Files')
  await wizard.choose('JSON Lines')
  await wizard.field('File name').fill('playbooks.jsonl')
  await wizard.next()
  await wizard.createAndRun(newName('Playbooks'))
})
