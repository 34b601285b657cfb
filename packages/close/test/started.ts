import { type CloseClient, type CloseClientOptions, createCloseClient } from '@latchwork/close'
import { type Answer, json, startServer } from './close-server.ts'

export const lead = json(200, { id: 'lead_1', name: 'Acme' })
export const quickRetry = { baseDelayMs: 1, maxDelayMs: 2 }

export interface Started {
  client: CloseClient
  received: { method: string; url: string; headers: Record<string, unknown> }[]
}

export async function start(options: Partial<CloseClientOptions>, ...answers: Answer[]): Promise<Started> {
  const server = await startServer(...answers)
  const client = createCloseClient({
    apiUrl: server.url,
    authorize: async () => ({ type: 'api_key', apiKey: 'api_left.right' }),
    retry: quickRetry,
    ...options,
  })
  return { client, received: server.received }
}
