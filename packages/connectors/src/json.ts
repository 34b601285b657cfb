/** JSON as it stands in a checkpoint. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** The fields of a form that are not secret. */
export type Config = Readonly<Record<string, string>>
