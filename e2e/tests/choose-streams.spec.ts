import { Wizard } from '../pages/wizard.ts'
import { expect, test } from '../product.ts'

test('a flow chooses streams, is tested with one of them, and chooses others later', async ({
  signedIn: page,
  product,
}) => {
  test.slow()
  const [apiKey] = product.sandbox.apiKeys
  await product.client.credentials.create({
    body: { connector: 'close', method: 'api_key', name: 'Larch', values: { apiKey: apiKey?.key ?? '' } },
  })
  const wizard = new Wizard(page)
  await wizard.open()
  await wizard.choose('Close')
  await wizard.choose('Larch')
  await wizard.choose('Streams of your choice')
  await expect(page.getByText(/All that the account may read, \d+ streams at the moment/)).toBeVisible()

  await page.getByText('Streams that I choose').click()
  await expect(page.getByText('Choose at least one stream.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Next' })).toBeDisabled()
  await page.getByRole('checkbox', { name: 'Leads', exact: true }).check()
  await expect(page.getByText('What changed, deletions seen').first()).toBeVisible()
  // By keyboard: the details of what was ticked, and back.
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  const details = page.getByRole('dialog', { name: 'Leads' })
  await details.getByRole('textbox', { name: 'Name in the destination' }).fill('companies')
  await details
    .getByRole('combobox', { name: 'When a record is deleted in the source' })
    .selectOption('Leave it as it is')
  await details.getByRole('button', { name: 'All columns' }).click()
  const columns = page.getByRole('dialog', { name: 'Columns of Leads' })
  await columns.getByText('Those that I tick').click()
  await columns.getByRole('searchbox', { name: 'Search columns' }).fill('status label')
  await columns.getByRole('textbox', { name: 'Name of Status label in the destination' }).fill('status_id')
  await expect(columns.getByRole('list', { name: 'Columns' }).getByRole('listitem')).toHaveCount(1)
  await columns.getByRole('searchbox', { name: 'Search columns' }).fill('address')
  await columns.getByRole('button', { name: 'Untick these' }).click()
  await columns.getByRole('button', { name: 'Use these columns' }).click()
  await expect(
    details.getByRole('button', { name: /^\d+ columns, 1 with a name of your own$/ }),
  ).toBeVisible()
  // What is kept of it: chosen by name from what the account has.
  await details.getByRole('combobox', { name: 'Status', exact: true }).click()
  await page.getByRole('option', { name: 'Potential', exact: true }).click()
  await details.getByRole('textbox', { name: 'Name in the destination' }).click()
  // Its sample stands where it was asked for, as it is chosen by now.
  await details.getByRole('button', { name: 'Test' }).click()
  await expect(details.getByText(/^It works/)).toBeVisible()
  await expect(details.getByRole('region', { name: 'First records' })).toContainText('Potential')
  await page.keyboard.press('Escape')
  await expect(details).toBeHidden()
  await expect(page.getByText('only by status')).toBeVisible()
  await page.getByRole('checkbox', { name: 'Users', exact: true }).check()
  await expect(page.getByText(/^2 of \d+ chosen$/)).toBeVisible()

  await page.getByRole('button', { name: 'Add a stream by hand' }).click()
  const own = page.getByRole('dialog')
  await own.getByRole('textbox', { name: 'Name of this stream' }).fill('jottings')
  await own.getByRole('textbox', { name: 'Path', exact: true }).fill('/activity/note/')
  // What counts where nothing is typed stands in the field, and comes back when it is left empty.
  const member = own.getByRole('textbox', { name: 'Where the records are' })
  await expect(member).toHaveValue('data')
  await expect(own.getByRole('textbox', { name: 'Records a page' })).toHaveValue('100')
  await member.fill('')
  await expect(member).toHaveValue('')
  await member.pressSequentially('rows')
  await expect(member).toHaveValue('rows')
  await member.fill('')
  await member.blur()
  await expect(member).toHaveValue('data')
  await own.getByRole('button', { name: 'Test' }).click()
  await expect(own.getByText(/^It works/)).toBeVisible()
  await page.keyboard.press('Escape')
  await wizard.select('Stream to test', 'jottings')
  await page.getByRole('button', { name: 'Test' }).click()
  await expect(page.getByText(/^It works/)).toBeVisible()
  await expect(page.getByRole('columnheader', { name: 'note_html' })).toBeVisible()
  await page.getByRole('checkbox', { name: 'jottings', exact: true }).click()

  await wizard.select('Stream to test', 'Users')
  await page.getByRole('button', { name: 'Test' }).click()
  await expect(page.getByText(/^It works/)).toBeVisible()
  await expect(page.getByRole('columnheader', { name: 'Email', exact: true })).toBeVisible()

  await wizard.next()
  await wizard.choose('Files')
  await wizard.next()
  await wizard.field('Flow name').fill('People of Close')
  await page.getByRole('button', { name: 'Create flow' }).click()
  await expect(page.getByText('2 streams: Leads, Users')).toBeVisible()

  await page.getByRole('button', { name: 'Choose streams' }).click()
  const choice = page.getByRole('dialog', { name: 'What this flow reads' })
  await choice.getByRole('checkbox', { name: 'Users', exact: true }).uncheck()
  await choice.getByRole('checkbox', { name: 'Tasks', exact: true }).check()
  await choice.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('2 streams: Leads, Tasks')).toBeVisible()
  const { items } = await product.client.flows.list({ query: { query: 'People of Close' } })
  expect(items[0]?.streams).toMatchObject({
    everything: false,
    chosen: [
      {
        ...{ stream: 'leads', target: 'companies', deletions: 'leave' },
        parameters: { status_id: expect.stringMatching(/^stat_/) },
        columns: expect.arrayContaining([{ name: 'status_label', as: 'status_id' }, 'name']),
      },
      { stream: 'tasks', target: null, deletions: 'mark' },
    ],
  })

  await page.getByRole('button', { name: 'Choose streams' }).click()
  await choice.getByText('Everything', { exact: true }).click()
  await choice.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Everything that the account may read')).toBeVisible()
})
