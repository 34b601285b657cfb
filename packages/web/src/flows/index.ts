export { FlowPage } from './FlowPage.tsx'
export { FlowsPage } from './FlowsPage.tsx'
