export { type FieldValues, faultSentence } from '@latchwork/contract'
