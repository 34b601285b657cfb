import { invalid } from '../api/errors.ts'
import { changeContext, type Endpoints } from '../api/request.ts'
import { insertRecord, updateRecord } from '../data/changes.ts'
import { customValuesOf } from './custom-values.ts'
import { UNPUBLISHED_LIMITS } from './paging.ts'
import { tableEndpoints } from './table-resource.ts'
import { checkedFields, filledText, type Rules, recordId, settingId } from './validate.ts'

const RULES: Rules = {
  name: filledText,
  lead_id: recordId('lead'),
  custom_object_type_id: settingId('custom_object_type'),
}

/** Custom objects are listed for one lead. All of them are found by a search. */
export const customObjectEndpoints: Endpoints = tableEndpoints({
  path: '/custom_object/',
  table: 'custom_object',
  kinds: null,
  limits: UNPUBLISHED_LIMITS,
  filters: ['lead_id', 'custom_object_type_id'],
  orders: [],
  defaultOrder: '-date_updated',
  refine: ({ query }, lists) => {
    if (!query.get('lead_id')) throw invalid({ lead_id: 'This field is required.' })
    return lists
  },
  isNewer: true,
  create: (request) => {
    const { organization } = request.caller
    return insertRecord(changeContext(request), 'custom_object', {
      ...checkedFields(request.body, RULES, organization, Object.keys(RULES)),
      ...customValuesOf(request.body, 'custom_object_type', organization),
    })
  },
  update: (request, row, before) => {
    const { organization } = request.caller
    return updateRecord(changeContext(request), 'custom_object', row, {
      ...checkedFields(request.body, RULES, organization),
      ...customValuesOf(request.body, 'custom_object_type', organization, before),
    })
  },
  remove: () => undefined,
})
