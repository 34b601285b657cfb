/**
 * What Node is told about the server's memory. By itself it keeps garbage in proportion to the memory of the machine: a run
 * over many records, of which only a few pages are in use at any time, would grow by hundreds of megabytes.
 * @type {readonly string[]}
 */
export const memoryFlags = ['--max-old-space-size=1024', '--max-semi-space-size=16']
