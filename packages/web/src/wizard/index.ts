export { NewDataFlowPage } from './NewDataFlowPage.tsx'
export { NewDestinationPage, NewSourcePage } from './NewEndPage.tsx'
