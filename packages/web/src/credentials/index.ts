export { AddCredentialOverlay } from './AddCredentialOverlay.tsx'
export { CredentialTiles } from './CredentialTiles.tsx'
