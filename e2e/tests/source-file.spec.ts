import { Wizard } from '../pages/wizard.ts'
import { expect, test } from '../product.ts'

test('a CSV file as people save it: Test tells what was found, with examples', async ({ signedIn }) => {
  const wizard = new Wizard(signedIn)
  await wizard.open()
  await wizard.choose('Files')
  await wizard.choose('CSV')
  const text = 'Name;Amount;Since\r\nMüller & Söhne;1.234,50;31.12.2026\r\nAcme, Köln;0,5\r\n'
  await signedIn.locator('input[type=file]').setInputFiles({
    name: 'people.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(text, 'latin1'),
  })
  await signedIn.getByRole('button', { name: 'Test', exact: true }).click()
  const found = signedIn.getByRole('list', { name: 'What was found in it' })
  await expect(found.getByRole('listitem')).toContainText([
    'Windows-1252 (Western Europe): “Müller & Söhne”',
    'Columns are separated by semicolons.',
    '“1.234,50” is read as 1234.50 (Amount)',
    '“31.12.2026” is read as 2026-12-31 (Since)',
    'Row 3 has 2 columns, but the header has 3. It will be refused; the others are read.',
  ])
  await expect(signedIn.getByRole('cell', { name: '1234.50' })).toBeVisible()
})
