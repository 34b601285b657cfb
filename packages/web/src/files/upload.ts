import { problemSchema } from '@latchwork/contract'
import { hearRefusal, refusalWords } from '../api/client.ts'

/** An upload that the server refused or that broke off; the message is for the person. */
export class UploadError extends Error {
  override readonly name = 'UploadError'
}

/**
 * Sends a file's bytes to the server's data folder.
 * @param onProgress gets the share that was sent, 0 to 1
 * @throws {UploadError}
 */
export function uploadFile(name: string, file: Blob, onProgress: (share: number) => void): Promise<void> {
  // XMLHttpRequest, since fetch doesn't tell how much of a body was sent.
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('PUT', `/api/files/${encodeURIComponent(name)}`)
    request.setRequestHeader('content-type', 'application/octet-stream')
    // The server refuses changes without this header: another site cannot send it.
    request.setRequestHeader('x-latchwork', '1')
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total)
    }
    request.onerror = () =>
      reject(new UploadError("The upload broke off: the Latchwork server can't be reached. Try again."))
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve()
      else reject(new UploadError(refusalOf(request)))
    }
    request.send(file)
  })
}

function refusalOf(request: XMLHttpRequest): string {
  try {
    const body: unknown = JSON.parse(request.responseText)
    hearRefusal(body)
    const problem = problemSchema.safeParse(body)
    if (problem.success) return refusalWords(problem.data)
  } catch {
    // not JSON: the general sentence says it
  }
  return `The server refused the file with status ${request.status}.`
}
