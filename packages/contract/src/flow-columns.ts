import { z } from 'zod'
import { maxColumnBytes } from './column-names.ts'
import { outsideLimits } from './outside-text.ts'
import { lineSchema } from './text.ts'

/* The columns of a stream: which of them a flow reads, and what they are called in its destination. */

export const columnTypes = ['text', 'number', 'boolean', 'date', 'time', 'json'] as const
export const columnTypeSchema = z.enum(columnTypes)
export type ColumnType = z.infer<typeof columnTypeSchema>

/**
 * Whether a column of a typed destination holds all values of a type as what they are. Text holds anything, and a column of
 * dates becomes one of times. All else is somebody's choice, also where nothing would be lost: what reads the column would
 * find values of another kind.
 * @param has the type that it was made with
 */
export function columnHolds(has: ColumnType, type: ColumnType): boolean {
  return has === type || has === 'text' || (has === 'date' && type === 'time')
}

/** Stands for all columns, beside those that get other names. */
export const allColumns = '*'

/** Columns that a destination adds itself. */
const markNames: readonly string[] = ['_synced_at', '_deleted_at', '_latchwork_row']

const sourceNameSchema = z.string().min(1, 'is required').max(outsideLimits.columnName)
const givenNameSchema = lineSchema(maxColumnBytes)
  .min(1, 'is required')
  .refine(fitsColumn, `may have at most ${maxColumnBytes} bytes`)
  .refine((name) => !markNames.includes(name.toLowerCase()), 'is a column that Latchwork adds itself')

function fitsColumn(name: string): boolean {
  return encodeURIComponent(name.toWellFormed()).replaceAll(/%../g, ' ').length <= maxColumnBytes
}

/** A column that is read, by its name in the source; with `as`, what it is called in the destination. */
const flowColumnSchema = z.union([
  sourceNameSchema,
  z.strictObject({ name: sourceNameSchema, as: givenNameSchema }),
])
export type FlowColumn = z.infer<typeof flowColumnSchema>

export const flowColumnListSchema = z
  .array(flowColumnSchema)
  .max(outsideLimits.columns)
  .superRefine((columns, context) => {
    for (const { index, message } of columnFaults(columns)) {
      context.addIssue({ code: 'custom', path: [index], message })
    }
  })

/** As `flowColumnListSchema`, in an answer. */
export const chosenColumnsSchema = z.array(
  z.union([z.string(), z.object({ name: z.string(), as: z.string() })]),
)

/** Two columns that can't stand beside one another: the second one, and the rest of a sentence. */
export function columnFaults(
  columns: readonly FlowColumn[],
): { readonly index: number; readonly message: string }[] {
  const [names, given] = [new Set<string>(), new Set<string>()]
  return columns.flatMap((column, index) => {
    const name = nameOf(column)
    const as = typeof column === 'string' ? null : column.as.toLowerCase()
    const [isTwice, isTaken] = [names.has(name), as !== null && given.has(as)]
    names.add(name)
    if (as !== null) given.add(as)
    if (isTwice) return [{ index, message: 'is chosen twice' }]
    return isTaken ? [{ index, message: 'has the name of another column in the destination' }] : []
  })
}

/** What a column's name in the destination has wrong with it, as the rest of a sentence; null if nothing. */
export function givenNameFault(as: string): string | null {
  return givenNameSchema.safeParse(as).error?.issues[0]?.message ?? null
}

function nameOf(column: FlowColumn): string {
  return typeof column === 'string' ? column : column.name
}

/** The columns that are read, by their names in the source; empty: all. */
export function selectedColumns(columns: readonly FlowColumn[]): string[] {
  const names = columns.map(nameOf)
  return names.includes(allColumns) ? [] : names
}

/** What people have called columns, by their names in the source. */
export function givenNames(columns: readonly FlowColumn[]): Map<string, string> {
  return new Map(columns.flatMap((column) => (typeof column === 'string' ? [] : [[column.name, column.as]])))
}

/**
 * What the columns of a flow are called in its destination. `label`: as people call them. `source`: as the source names
 * them, custom fields by their ids; so do flows of before.
 */
export const columnNamingSchema = z.enum(['label', 'source'])
export type ColumnNaming = z.infer<typeof columnNamingSchema>

/** A column as a flow remembers it from its last run. */
export const rememberedColumnSchema = z.object({
  /** In the source. */
  name: z.string(),
  /** In the destination. */
  as: z.string(),
  label: z.string(),
  type: columnTypeSchema,
  /** The source does not have it any more. */
  gone: z.boolean(),
  /** The type that it has now in the source, where a choice is to be made before the stream goes on; else null. */
  changedTo: columnTypeSchema.nullable(),
})
export type RememberedColumn = z.infer<typeof rememberedColumnSchema>

/** With what it is called once the flow takes the names that people use now. */
export const calledColumnSchema = rememberedColumnSchema.extend({ next: z.string() })
export type CalledColumn = z.infer<typeof calledColumnSchema>

export const flowColumnsSchema = z.object({
  items: z.array(z.object({ stream: z.string(), columns: z.array(calledColumnSchema) })),
})
export type FlowColumns = z.infer<typeof flowColumnsSchema>

/**
 * What becomes of a column whose type has changed. `new_column`: it gets another column, and the one of before stays with
 * what it has. `same_column`: its column becomes wide enough for both. The stream is read from the start.
 */
export const columnChoiceSchema = z.strictObject({
  stream: lineSchema(200),
  column: sourceNameSchema,
  choice: z.enum(['new_column', 'same_column']),
})
export type ColumnChoice = z.infer<typeof columnChoiceSchema>
