// A WebSocket that comes back. It says where it was, and sends again what nobody has confirmed.

const BASE = 500, CAP = 30_000 // milliseconds
const MOST_UNSENT = 100 // messages: all are sent at once on a new connection, and a server bears no more

/** How long to wait before attempt number `attempt`: full jitter, as `wslearn.backoff` does it. @param {number} attempt */
export const backoff = (attempt) => Math.random() * Math.min(CAP, BASE * 2 ** attempt)

/** A part of an id that no other page has. */
export const someId = () => Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => byte.toString(36)).join('')

/**
 * @typedef {object} Handlers
 * @property {() => object} join what to say first on each connection
 * @property {(event: any, number: number) => void} [event] a numbered event, each once and in order
 * @property {(told: any) => void} [told] any other message
 * @property {(state: {state: string, wait: number, attempt: number, unsent: number}) => void} [state]
 */
export class Live {
  /** @param {string} path such as "chat" @param {Handlers} handlers */
  constructor(path, handlers) {
    const url = new URL(path, location.href)
    url.protocol = url.protocol.replace('http', 'ws')
    this.url = url.href
    this.handlers = handlers
    this.last = 0 // the number of the last event that was handled
    this.seen = '' // and its id: of a server that counts anew, another event has that number
    this.repeated = 0 // events that came a second time, and were dropped
    this.attempt = 0
    this.state = 'connecting'
    /** @type {Map<string, object>} what was sent and is not confirmed, by its id */
    this.outbox = new Map()
    this.connect()
  }

  connect() {
    clearTimeout(this.timer)
    this.tell('connecting')
    const socket = (this.socket = new WebSocket(this.url))
    socket.onopen = () => {
      this.opened()
      this.tell('open')
    }
    socket.onmessage = ({ data }) => this.read(data)
    socket.onclose = ({ code, reason }) => {
      if (this.socket !== socket) return
      this.code = code
      this.why = reason || `code ${code}`
      this.wait = backoff(this.attempt++)
      this.timer = setTimeout(() => this.connect(), this.wait)
      this.tell('waiting')
    }
  }

  /** Say where it was, and again what nobody has confirmed. */
  opened() {
    this.post({ ...this.handlers.join(), last: this.last, seen: this.seen })
    for (const message of this.outbox.values()) this.post(message)
  }

  /** @param {string|ArrayBuffer} data what came */
  read(data) { this.receive(JSON.parse(data)) }

  /** How much of what was sent is not confirmed. */
  get unsent() { return this.outbox.size }

  receive(message) {
    this.attempt = 0 // only a connection that works counts as one
    if (message.number === undefined) {
      if (message.type === 'gap') [this.last, this.seen] = [message.from - 1, '']
      return this.handlers.told?.(message)
    }
    if (message.number <= this.last) return void this.repeated++
    if (message.number > this.last + 1) return this.socket.close(4000, `events after ${this.last} are missing`)
    this.last = message.number
    this.seen = message.event.id ?? ''
    this.confirm(message.event.id)
    this.handlers.event?.(message.event, message.number)
  }

  /** Send once, whatever happens to the connection: keep it until it is confirmed. There is room for so many.
   * @param {{id: string}} message @returns {boolean} whether there was room */
  send(message) {
    if (this.outbox.size >= MOST_UNSENT) return false
    this.outbox.set(message.id, message)
    this.post(message)
    this.tell(this.state)
    return true
  }

  /** Send now or never. @param {object} message */
  post(message) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message))
  }

  /** @param {string} id */
  confirm(id) {
    if (this.outbox.delete(id)) this.tell(this.state)
  }

  /** Drop the connection, as a tunnel or a lift does. */
  cut() { this.socket.close(4001, 'cut by hand') }

  tell(state) {
    this.state = state
    this.handlers.state?.({ state, wait: this.wait ?? 0, attempt: this.attempt, unsent: this.unsent })
  }
}

/** Make an element; text stays text. @param {string} tag @param {Record<string, any>} [attributes] @param {...(Node|string)} children */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else if (value !== false) element.setAttribute(name, value === true ? '' : value)
  }
  element.append(...children)
  return element
}

/** A line that says how the connection is, and two buttons to try it. @param {HTMLElement} place @param {() => Live} live */
export function statusLine(place, live) {
  const words = h('span', { role: 'status' })
  const cut = h('button', { type: 'button', onclick: () => live().cut() }, 'Cut the connection')
  const now = h('button', { type: 'button', onclick: () => live().connect(), hidden: true }, 'Connect now')
  place.append(words, cut, now)
  return ({ state, wait, unsent }) => {
    const open = state === 'open'
    place.dataset.state = state
    words.textContent = {
      open: 'Connected', connecting: 'Connecting …', offline: 'Offline, as you wish', waiting: `Cut off (${live()?.why ?? ''}). Trying again in ${(wait / 1000).toFixed(1)} s`,
    }[state] + (unsent ? `, ${unsent} not confirmed yet` : '')
    cut.hidden = !open
    now.hidden = state !== 'waiting'
  }
}
