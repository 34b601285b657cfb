export { CredentialTiles } from './CredentialTiles.tsx'
