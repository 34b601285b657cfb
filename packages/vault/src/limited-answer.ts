/**
 * An answer whose body fails once it is longer than it may be, after decompression, so that who reads it whole gathers no
 * more than that.
 */
export function limitedAnswer(answer: Response, maxBytes: number): Response {
  if (answer.body === null) return answer
  const { status, statusText, headers } = answer
  return new Response(limitedBody(answer.body, maxBytes), { status, statusText, headers })
}

/** The same of a body alone. */
export function limitedBody(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  maxBytes: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let bytes = 0
  return body.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        bytes += chunk.byteLength
        if (bytes > maxBytes) controller.error(new Error(`the answer has more than ${maxBytes} bytes`))
        else controller.enqueue(chunk)
      },
    }),
  )
}
