import { randomBytes } from 'node:crypto'
import { connect, createServer, type Server, type Socket } from 'node:net'

// What a pooler such as PgBouncer does in transaction mode: a client has a connection to the server for one transaction only.

const SSL_REQUEST = 80877103
const CANCEL_REQUEST = 80877102
const [SYNC, QUERY, TERMINATE, READY, READY_STATUS] = [...'SQXZI'].map((letter) => letter.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
  number,
  number,
]

/** Cuts a stream of messages of the protocol into messages. */
class Messages {
  #rest = Buffer.alloc(0)

  /** `typed`: with a letter in front, as all but the first. */
  take(chunk: Buffer, typed: boolean): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, chunk])
    const found: Buffer[] = []
    const head = typed ? 1 : 0
    while (this.#rest.length >= head + 4) {
      const length = head + this.#rest.readInt32BE(head)
      if (this.#rest.length < length) break
      found.push(this.#rest.subarray(0, length))
      this.#rest = this.#rest.subarray(length)
      if (!typed) break
    }
    return found
  }

  /** What came behind the messages. */
  rest(): Buffer {
    const rest = this.#rest
    this.#rest = Buffer.alloc(0)
    return rest
  }
}

/** A connection to the server, which one client has at a time. */
class Backend {
  readonly messages = new Messages()
  client: Client | null = null
  greeting: Buffer[] = []
  constructor(readonly socket: Socket) {}
}

class Client {
  readonly messages = new Messages()
  backend: Backend | null = null
  /** Messages that ask for an answer, and are not answered. */
  open = 0
  waiting: Buffer[] = []
  constructor(readonly socket: Socket) {}
}

export class TransactionPooler {
  readonly #server: Server
  readonly #idle: Backend[] = []
  readonly #all = new Set<Socket>()

  private constructor(readonly target: URL) {
    this.#server = createServer((socket) => this.#accept(socket))
  }

  /** Starts one in front of the server of a URL. */
  static async start(url: string): Promise<TransactionPooler> {
    const pooler = new TransactionPooler(new URL(url))
    await new Promise<void>((resolve) => pooler.#server.listen(0, '127.0.0.1', resolve))
    return pooler
  }

  get url(): string {
    const url = new URL(this.target)
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('The pooler is not listening.')
    url.host = `127.0.0.1:${address.port}`
    url.searchParams.set('pgbouncer', 'true')
    return url.href
  }

  async stop(): Promise<void> {
    for (const socket of this.#all) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #watch(socket: Socket): void {
    this.#all.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#all.delete(socket))
  }

  #accept(socket: Socket): void {
    this.#watch(socket)
    const client = new Client(socket)
    let hasBegun = false
    socket.on('data', (chunk) => {
      if (hasBegun) return this.#fromClient(client, chunk)
      for (const message of client.messages.take(chunk, false)) {
        const code = message.readInt32BE(4)
        if (code === SSL_REQUEST) socket.write('N')
        else if (code === CANCEL_REQUEST) socket.end()
        else {
          hasBegun = true
          this.#begin(client, message)
          this.#fromClient(client, client.messages.rest())
        }
      }
    })
    socket.on('close', () => client.backend?.socket.destroy())
  }

  /** Greets a client with what the server says to a new connection, and a key that is made up. */
  #begin(client: Client, startup: Buffer): void {
    const socket = connect(Number(this.target.port || 5432), this.target.hostname)
    this.#watch(socket)
    const backend = new Backend(socket)
    socket.write(startup)
    socket.on('close', () => backend.client?.socket.destroy())
    socket.on('data', (chunk) => {
      for (const message of backend.messages.take(chunk, true)) {
        if (backend.greeting.length > 0 && backend.greeting.at(-1)?.[0] === READY) this.#fromServer(backend, message)
        else {
          backend.greeting.push(message)
          if (message[0] === READY) {
            for (const each of backend.greeting) client.socket.write(each[0] === 'K'.charCodeAt(0) ? madeUp() : each)
            this.#free(backend)
          }
        }
      }
    })
  }

  #fromClient(client: Client, chunk: Buffer): void {
    for (const message of client.messages.take(chunk, true)) {
      if (message[0] === TERMINATE) continue
      if (message[0] === SYNC || message[0] === QUERY) client.open += 1
      client.waiting.push(message)
    }
    this.#serve(client)
  }

  /** Hands on what a client sends, on the connection that was used last. */
  #serve(client: Client): void {
    if (client.waiting.length === 0) return
    client.backend ??= this.#idle.pop() ?? null
    if (client.backend === null) return void setTimeout(() => this.#serve(client), 2)
    client.backend.client = client
    for (const message of client.waiting.splice(0)) client.backend.socket.write(message)
  }

  #fromServer(backend: Backend, message: Buffer): void {
    const { client } = backend
    client?.socket.write(message)
    if (message[0] !== READY || client === null) return
    client.open -= 1
    if (client.open > 0 || message[5] !== READY_STATUS) return
    client.backend = null
    this.#free(backend)
  }

  #free(backend: Backend): void {
    backend.client = null
    this.#idle.push(backend)
  }
}

/** BackendKeyData. */
function madeUp(): Buffer {
  const message = Buffer.alloc(13)
  message.write('K', 0)
  message.writeInt32BE(12, 1)
  randomBytes(8).copy(message, 5)
  return message
}
