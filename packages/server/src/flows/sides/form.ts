import type { Config, Connector } from '@latchwork/connectors'
import { applicable, type FieldDefinition, type ReadOptions, readFields } from '@latchwork/contract'
import { invalidInput, under } from '../../http/input.ts'
import type { SideKind } from '../store/sides.ts'

/**
 * Reads the form of a source or destination.
 * @param prefix where it stands in the request
 * @returns the values of the fields that apply, defaults included
 * @throws {LatchworkError} `invalid_input`, a fault a field, named `<prefix>.<field>`; no value is repeated
 */
export function readConfig(
  connector: Connector,
  kind: SideKind,
  config: Config,
  prefix: string,
  optional: ReadOptions['optional'] = () => false,
): Config {
  const validate = kind === 'source' ? connector.validateSource : connector.validateDestination
  const { values, faults } = readFields(fieldsOf(connector, kind), config, {
    optional,
    own: (read) => validate?.(read) ?? {},
  })
  if (faults.length > 0) throw invalidInput(under(prefix, faults))
  return values
}

/** As `readConfig`, for the preview of a destination: its mapping may not be known yet. */
export function readPreviewed(connector: Connector, config: Config, prefix: string): Config {
  const mappings = mappingsOf(connector)
  const unmapped = mappings.filter(({ name }) => config[name]?.trim() === '[]').map(({ name }) => [name, ''])
  const given = { ...config, ...Object.fromEntries(unmapped) }
  return readConfig(connector, 'destination', given, prefix, (name) =>
    mappings.some((each) => each.name === name),
  )
}

export function mappingsOf(connector: Connector): readonly FieldDefinition[] {
  return fieldsOf(connector, 'destination').filter(({ kind }) => kind === 'mapping')
}

/** A form of which nothing is mapped. */
export function withoutMapping(connector: Connector, config: Config): Config {
  const mappings = mappingsOf(connector)
  return { ...config, ...Object.fromEntries(mappings.map(({ name }) => [name, ''])) }
}

/** A form as it is stored. An earlier version kept values that did not apply, which a connector would refuse. */
export function storedConfig(connector: Connector, kind: SideKind, config: Config): Config {
  return applicable(fieldsOf(connector, kind), config)
}

/** The form of a destination as a flow with a schema of its own has it. @param schema null: as the form says */
export function inSchema(
  { definition }: Pick<Connector, 'definition'>,
  config: Config,
  schema: string | null,
): Config {
  const field = definition.destination?.schemaField
  return schema === null || field === undefined ? config : { ...config, [field]: schema }
}

function fieldsOf(connector: Connector, kind: SideKind): readonly FieldDefinition[] {
  return connector.definition[kind]?.fields ?? []
}
