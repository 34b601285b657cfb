export * from './access.ts'
export * from './audit.ts'
export * from './backup.ts'
export * from './client.ts'
export * from './connector.ts'
export * from './credential.ts'
export * from './deleted.ts'
export * from './device.ts'
export * from './endpoint.ts'
export {
  type MasterKey,
  type MasterKeys,
  masterKeyDays,
  masterKeyOperations,
  masterKeysSchema,
} from './endpoints/keys.ts'
export * from './endpoints.ts'
export * from './errors.ts'
export { exposureOf } from './exposed-file.ts'
export * from './flow.ts'
export * from './health.ts'
export * from './ids.ts'
export * from './members.ts'
export * from './outside-text.ts'
export * from './previous.ts'
export * from './reasons.ts'
export * from './record.ts'
export * from './secret-directions.ts'
export { maskSecrets, secretForms } from './secret-forms.ts'
export * from './session.ts'
export * from './shown-record.ts'
export * from './sign-in.ts'
export * from './text.ts'
