import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

// A page may share memory between threads only if it is isolated from other origins.
const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

/** Serves an empty page and a module, plainly under /plain/ and isolated under /isolated/. */
export const serve = async (code: Uint8Array): Promise<{ readonly url: string; readonly server: Server }> => {
  const server = createServer(({ url = '' }, response) => {
    const script = url.endsWith('.js')
    response.writeHead(200, {
      'Content-Type': script ? 'text/javascript' : 'text/html',
      ...(url.startsWith('/isolated/') ? ISOLATED : {}),
    })
    response.end(script ? code : '<!doctype html><link rel="icon" href="data:,"><title>page</title>')
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}
