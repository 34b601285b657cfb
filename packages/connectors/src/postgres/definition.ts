import type { ConnectorDefinition, Cure, ReasonCode } from '@latchwork/contract'

const identifierHelp = 'Written exactly as it is, capitals included.'

/** The definition of the PostgreSQL connector: one authentication method, and a table as a destination. */
export const postgresDefinition: ConnectorDefinition = {
  id: 'postgres',
  label: 'PostgreSQL',
  description: 'Tables of a PostgreSQL database, made and kept up to date by flows.',
  icon: 'database',
  accountWord: 'database',
  methods: [
    {
      id: 'password',
      label: 'User and password',
      summary: 'Signs in to one database of a PostgreSQL server with a user and a password.',
      bestFor: 'Best for a database user made for Latchwork alone, with rights to one schema.',
      flow: 'direct',
      fields: [
        {
          name: 'host',
          label: 'Host',
          kind: 'text',
          required: true,
          help: 'The server’s name or address, as this server reaches it.',
          placeholder: 'db.example.com',
          noInnerSpace: true,
          decidesPlace: true,
          guideStep: 0,
        },
        {
          name: 'port',
          label: 'Port',
          kind: 'number',
          required: true,
          defaultValue: '5432',
          min: 1,
          max: 65_535,
          decidesPlace: true,
          guideStep: 0,
        },
        {
          name: 'database',
          label: 'Database',
          kind: 'text',
          required: true,
          help: identifierHelp,
          guideStep: 0,
        },
        {
          name: 'user',
          label: 'User',
          kind: 'text',
          required: true,
          help: identifierHelp,
          decidesPlace: true,
          guideStep: 1,
        },
        {
          name: 'password',
          label: 'Password',
          kind: 'secret',
          required: true,
          help: 'Stored encrypted and never shown again.',
          guideStep: 1,
        },
        {
          name: 'tls',
          label: 'Encryption',
          kind: 'select',
          required: true,
          defaultValue: 'verify-full',
          options: [
            {
              value: 'verify-full',
              label: 'Encrypted, certificate checked',
              help: 'Safe on any network. The certificate must be for the host given.',
            },
            {
              value: 'verify-ca',
              label: 'Encrypted, authority checked',
              help: 'For a certificate that names no host, as Google Cloud SQL has it. Needs the authority that signed it.',
            },
            {
              value: 'require',
              label: 'Encrypted, certificate not checked',
              help: 'Hides the data from listeners, but not from somebody who poses as the server.',
            },
            {
              value: 'disable',
              label: 'Not encrypted',
              help: 'Only for a database on this machine or on a network that you trust.',
            },
          ],
          decidesPlace: true,
          guideStep: 3,
        },
        {
          name: 'caCertificate',
          label: 'Certificate authority',
          kind: 'textarea',
          required: false,
          help: 'The authority that signed the server’s certificate, in PEM form. Leave it blank for a public one.',
          placeholder: '-----BEGIN CERTIFICATE-----',
          visibleWhen: { field: 'tls', values: ['verify-full', 'verify-ca'] },
          decidesPlace: true,
          guideStep: 3,
        },
      ],
      guide: {
        title: 'Prepare the database',
        steps: [
          {
            text: 'Find the host, the port (usually `5432`) and the name of the database. Hosting services list them under **Connection details**.',
          },
          {
            text: "Make a user for Latchwork alone: `CREATE USER latchwork PASSWORD '…'`.",
          },
          {
            text: 'Let it make tables in one schema: `CREATE SCHEMA crm AUTHORIZATION latchwork`.',
          },
          {
            text: 'Keep **Encrypted, certificate checked** unless the server has no certificate of a known authority.',
          },
          { text: 'Select **Test**: it shows which database answers, and as which user.' },
        ],
        warnings: [
          'Use a user without superuser rights: Latchwork needs only to make, alter and fill its own tables.',
        ],
        links: [
          {
            label: 'PostgreSQL: users and their rights',
            url: 'https://www.postgresql.org/docs/current/user-manag.html',
          },
          {
            label: 'PostgreSQL: encrypted connections',
            url: 'https://www.postgresql.org/docs/current/libpq-ssl.html',
          },
        ],
      },
    },
  ],
  cures: {
    login_rejected: { what: 'Login refused', todo: 'Replace the password.', passes: false },
    database_missing: {
      what: 'No such database',
      todo: 'Make the database, or add a credential for the right one.',
      passes: false,
    },
    tls_failed: {
      what: 'Not encrypted as asked',
      todo: 'Look at the certificate of the database server, or choose another TLS mode.',
      passes: false,
    },
    account_refused: {
      what: 'Not permitted',
      todo: 'Grant the database user the right that it lacks, or use another user.',
      passes: false,
    },
  } satisfies Partial<Record<ReasonCode, Cure>>,
  source: null,
  destination: {
    writes: 'records',
    columns: 'typed',
    lists: 'tables',
    schemaField: 'schema',
    repeat: { withoutKey: { one: 'row', many: 'rows' } },
    abilities: {
      follows: ['mark', 'remove'],
      streams:
        'A table for each stream, and one for each of its lists where the flow chooses so. Several streams are written at the same time.',
      deletions: 'The row of a deleted record gets the time in `_deleted_at`, is deleted, or stays.',
      evolution:
        'New columns are added. A field that is called otherwise keeps its column until the flow takes the new names. One of another type waits for a choice where its column does not hold both. A column whose values do not fit gets a wider type if nothing needs it as it is; what does not fit then is refused, with the reason.',
      repeat:
        'Safe: a record replaces the row of its key. Records without a key are added again by each run.',
    },
    defaultTemplate: 'table',
    templates: [
      {
        id: 'table',
        label: 'A table',
        description:
          'Makes the table if it is missing. Inserts new records and updates those it has, by their id.',
        icon: 'table',
        config: { schema: 'public' },
      },
    ],
    fields: [
      {
        name: 'schema',
        label: 'Schema',
        kind: 'text',
        required: true,
        defaultValue: 'public',
        help: 'Made if it does not exist and the user may make it. A flow can have another one of its own.',
      },
      {
        name: 'table',
        label: 'Table',
        kind: 'text',
        required: false,
        help: 'Made if it does not exist. Columns that the source has and the table lacks are added. Left empty, each stream of a flow has a table of its own name.',
        placeholder: 'close_leads',
        suggestion: '{source}',
      },
    ],
  },
}
