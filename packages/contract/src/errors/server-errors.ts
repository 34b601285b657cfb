import type { CatalogueEntry } from './entry.ts'

/** Master keys, backups, and what keeps the server from starting. */
export const serverErrors = {
  // master keys and backups
  master_key_not_found: { status: 404, title: 'There is no such master key.' },
  master_key_in_use: {
    status: 409,
    title: 'This master key is in use. Rotate first, then retire it.',
  },
  master_key_not_addable: {
    status: 409,
    title:
      "The server can't make master keys where they are stored. Set the new key before the old one, restart, and rotate.",
  },
  backup_unreadable: {
    status: 422,
    title: "The backup can't be opened: it was altered, cut off, or made for another key or passphrase.",
  },
  restore_not_empty: {
    status: 409,
    title: 'The database is not empty. Restore into an empty one; nothing was changed.',
  },
  // start
  settings_invalid: { status: 500, title: 'Some settings need another value.' },
  port_in_use: {
    status: 500,
    title: 'The port is taken by another program. Set LATCHWORK_PORT to a free one.',
  },
  data_dir_unwritable: { status: 500, title: "The data folder can't be written to." },
  disk_full: {
    status: 507,
    title: 'The disk that holds the data folder is full. Free some space.',
    away: true,
  },
  database_unreachable: { status: 500, title: "The database can't be reached." },
  database_newer: {
    status: 500,
    title: 'The database was made by a newer Latchwork. Start that version, or restore a backup.',
  },
  database_locked: { status: 500, title: 'Another process uses this database file.' },
  master_key_missing: { status: 500, title: 'The master key is missing.' },
  master_key_wrong: { status: 500, title: 'The master key does not fit this database.' },
  kms_unavailable: {
    status: 500,
    title: 'The key management service refused or failed.',
    away: true,
  },
  secret_unreadable: {
    status: 500,
    title: "A stored secret can't be opened: its row was altered or the key is wrong.",
  },
} as const satisfies Record<string, CatalogueEntry>
