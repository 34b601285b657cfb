import type { CatalogueEntry } from './entry.ts'

/** Sources, destinations, flows, runs and files; alerts and API tokens. */
export const flowErrors = {
  // alerts
  alert_channel_unset: {
    status: 409,
    title: 'This way of alerting is not set up. The settings of the server say how.',
  },
  alert_undelivered: { status: 502, title: 'The alert could not be delivered.' },
  // data
  source_not_found: { status: 404, title: "This data source does not exist, or it isn't shared with you." },
  destination_not_found: {
    status: 404,
    title: "This data destination does not exist, or it isn't shared with you.",
  },
  flow_not_found: { status: 404, title: "This flow does not exist, or it isn't shared with you." },
  run_not_found: { status: 404, title: "This run does not exist, or its flow isn't shared with you." },
  access_withdrawn: {
    status: 409,
    title:
      'The owner of this flow may no longer use everything that it needs. Ask for it to be shared, then resume the flow.',
  },
  paused_by_hand: {
    status: 409,
    title: 'Somebody paused this flow. It runs only when somebody runs it, until it is resumed.',
  },
  file_not_found: { status: 404, title: "This file does not exist, or it isn't shared with you." },
  file_invalid: { status: 422, title: "The file can't be read as the format chosen." },
  source_in_use: { status: 409, title: 'A flow uses this data source. Remove the flow first.' },
  destination_in_use: { status: 409, title: 'A flow uses this data destination. Remove the flow first.' },
  run_active: { status: 409, title: 'This flow is running already.' },
  run_finished: { status: 409, title: 'This run has finished already.' },
  run_cancelled: { status: 409, title: 'The run was cancelled.' },
  checkpoint_unreadable: {
    status: 500,
    title:
      "This run can't go on: the position where it stopped can't be read. Run the flow again from the start.",
  },
  nothing_written: {
    status: 422,
    title: 'The destination refused every record that was read: nothing was written.',
  },
  destination_gone: {
    status: 409,
    title:
      'What this flow has written before is not in the destination any more. Read its streams whole again.',
  },
  stream_unavailable: {
    status: 403,
    title: 'The account may not read this kind of record, or its plan does not have it.',
  },
  streams_not_chosen: {
    status: 400,
    title: 'The source of this flow offers several streams. Choose which of them it reads.',
  },
  backfill_unsupported: {
    status: 409,
    title:
      'A range of dates can be read only of a stream that the source can search by date, and only into a destination that takes single records by their key.',
  },
  schema_change_held: {
    status: 409,
    title:
      'A column of this stream has another type now. Choose on the page of the flow what becomes of it; the stream goes on then.',
  },
  column_unchanged: {
    status: 409,
    title: 'Nothing is to be decided about this column: its type is the same.',
  },
  streams_failed: {
    status: 422,
    title: 'Some of the streams of this flow could not be moved. The run says which, and why.',
  },
  record_refused: { status: 422, title: 'The destination refused this record.' },
  record_too_large: {
    status: 422,
    title: 'This record is too large to be read, so it was left out.',
  },
  record_unreadable: {
    status: 409,
    title:
      "The stored record can't be opened: somebody altered it in the database, or moved it there from another run. Other records are not affected.",
  },
  record_in_doubt: {
    status: 409,
    title:
      "The destination's answer was lost, and nobody can tell whether this record was written. A replay looks for it there again, and writes it only if it certainly is not there. You can also look for it here yourself, and say whether it is there.",
  },
  record_not_in_doubt: {
    status: 409,
    title:
      'It is known of this record that it was not written, so there is nothing to decide. Put it right and replay it, or drop it.',
  },
  record_taken: {
    status: 409,
    title:
      'The flow has made that record for another one of its records. Choose the one that belongs to this record, or say that it is not there.',
  },
  repeat_creates: {
    status: 409,
    title: 'This would create the same records again. Send "again": true if you want that.',
  },
  rereads_all: {
    status: 409,
    title:
      'With another source or destination, all streams of this flow are read whole again. Send "reread": true if you want that.',
  },
  record_not_found: {
    status: 404,
    title: 'This record is not in quarantine any more: it was written, dropped or erased.',
  },
  record_cut: {
    status: 409,
    title:
      'Only a part of this record was kept, because it is very long or holds a secret of the destination. You can look at it, but not edit or replay it. Run the flow again.',
  },
  nothing_to_replay: {
    status: 409,
    title:
      'There is no record to replay: all were written, dropped or erased, or only parts of them are kept.',
  },
  replay_unsupported: {
    status: 409,
    title:
      "This destination writes a whole file at a time, so single records can't be added to it. Fix the source and run the flow again.",
  },
  account_lacks: {
    status: 409,
    title:
      'The other account does not have all that is named of the account of before. Send "lacking": true if you want it all the same: runs stop where it is missing, until you choose again.',
  },
  mapping_invalid: { status: 400, title: "The mapping names a field that isn't there." },
  token_not_found: { status: 404, title: 'This API token does not exist.' },
} as const satisfies Record<string, CatalogueEntry>
