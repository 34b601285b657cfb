import { endpointTools } from './endpoint-tools.ts'
import { readingTools } from './reading-tools.ts'
import { searchTools } from './search-tools.ts'
import type { Tool } from './tool.ts'
import { writingTools } from './writing-tools.ts'

/** All tools that there are. A pass is shown those of which it may do something. */
export const tools: readonly Tool[] = [...searchTools, ...readingTools, ...writingTools, ...endpointTools]
