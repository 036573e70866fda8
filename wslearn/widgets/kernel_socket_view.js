// KernelSocketView: finds the WebSocket that carries this widget's own messages, and counts what crosses it.

const PATIENCE = 5000 // milliseconds until there is none
const STATES = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED']

/** @typedef {{count: number, bytes: number}} Tally */

/** Its size in bytes. @param {any} data what a WebSocket sends or receives */
const sizeOf = (data) => (typeof data === 'string' ? new TextEncoder().encode(data).length : data.byteLength ?? data.size ?? 0)

/** @param {any} data @param {string} word */
function holds(data, word) {
  if (typeof data === 'string') return data.includes(word)
  return data instanceof ArrayBuffer || ArrayBuffer.isView(data) ? new TextDecoder().decode(data).includes(word) : false
}

/**
 * Find the socket that sends a word: look on, for a moment, while any socket of this page sends.
 * @param {string} word @param {(socket: WebSocket | null, size: number) => void} found
 * @returns {() => void} what ends it
 */
function lookFor(word, found) {
  const before = WebSocket.prototype.send
  /** @this {WebSocket} @param {any} data */
  const looking = function (data) {
    if (timer && holds(data, word)) {
      end()
      found(this, sizeOf(data))
    }
    return before.call(this, data)
  }
  const end = () => {
    clearTimeout(timer)
    timer = 0
    // Who took our place meanwhile calls us, and we pass it on.
    if (WebSocket.prototype.send === looking) WebSocket.prototype.send = before
  }
  let timer = setTimeout(() => { end(); found(null, 0) }, PATIENCE)
  WebSocket.prototype.send = looking
  return end
}

/**
 * Hear of what a socket sends: pictures of the same socket share one method of its own, the last takes it away.
 * @param {WebSocket} socket @param {(data: any) => void} hear
 * @returns {() => void} what ends it
 */
function onSend(socket, hear) {
  let send = /** @type {any} */ (socket.send)
  if (!send.hearers) {
    const hearers = new Set()
    send = (/** @type {any} */ data) => {
      for (const each of hearers) each(data)
      return WebSocket.prototype.send.call(socket, data)
    }
    send.hearers = hearers
    socket.send = send
  }
  send.hearers.add(hear)
  return () => {
    send.hearers.delete(hear)
    if (!send.hearers.size && socket.send === send) delete (/** @type {any} */ (socket).send)
  }
}

/**
 * Count what a socket sends and receives.
 * @param {WebSocket} socket @param {() => void} changed
 */
function countOn(socket, changed) {
  /** @type {{up: Tally, down: Tally}} */
  const tallies = { up: { count: 0, bytes: 0 }, down: { count: 0, bytes: 0 } }
  const note = (/** @type {Tally} */ tally, /** @type {any} */ data) => { tally.count += 1; tally.bytes += sizeOf(data); changed() }
  const received = (/** @type {MessageEvent} */ event) => note(tallies.down, event.data)
  const end = onSend(socket, (data) => note(tallies.up, data))
  socket.addEventListener('message', received)
  socket.addEventListener('close', changed)
  return {
    tallies,
    end() {
      end()
      socket.removeEventListener('message', received)
      socket.removeEventListener('close', changed)
    },
  }
}

/** @param {{ model: any, el: HTMLElement }} context */
function render({ model, el }) {
  const box = card(el, 'The notebook’s own WebSocket')
  box.root.classList.add('wsl-kernel-socket')
  const rows = model.get('rows')
  const table = wordTable('The WebSocket between this page and its kernel', rows)
  const cells = Object.fromEntries(rows.map((row, at) => [row.key, table.querySelectorAll('td.wsl-v')[at]]))
  box.body.append(table)
  /** @type {WebSocket | null} */
  let socket = null
  /** @type {ReturnType<typeof countOn> | null} */
  let counter = null
  let waiting = 0

  const draw = () => {
    waiting = 0
    if (!socket || !counter) return
    const { tallies } = counter
    const told = (/** @type {Tally} */ { count, bytes }) => `${count.toLocaleString('en')} ${count === 1 ? 'message' : 'messages'}, ${bytes.toLocaleString('en')} bytes`
    cells.state.textContent = `${socket.readyState} ${STATES[socket.readyState]}`
    cells.up.textContent = told(tallies.up)
    cells.down.textContent = told(tallies.down)
  }
  const soon = () => { if (!waiting) waiting = requestAnimationFrame(draw) }
  const found = (/** @type {WebSocket | null} */ carrier, /** @type {number} */ size) => {
    if (!carrier) {
      box.say({ mark: '–', verdict: 'not seen', text: model.get('absent') })
      box.announce(model.get('absent'))
      return
    }
    socket = carrier
    counter = countOn(socket, soon)
    const url = new URL(socket.url)
    const path = url.pathname.replace(/(\/api\/kernels\/)[^/]+/, '$1…')
    const same = url.host === location.host
    cells.url.textContent = `${url.protocol}//${same ? location.host : url.host}${path}`
    cells.protocol.textContent = socket.protocol || 'none'
    cells.extensions.textContent = socket.extensions || 'none'
    box.say({ mark: '✓', verdict: 'seen', text: 'This page and its kernel talk over a WebSocket. Run any cell, and watch the numbers.', note: '' })
    draw()
    // After the message that was looked at is on its way: this sends one more.
    queueMicrotask(() => tell(model, { seen: { path, protocol: carrier.protocol, extensions: carrier.extensions, same, size } }))
  }
  box.say({ mark: '…', verdict: 'looking', text: 'The page sends a word to the kernel, and sees which WebSocket carries it.' })
  const word = `wslearn ${Date.now()} ${Math.random()}`
  const stop = lookFor(word, found)
  tell(model, { word })
  return () => {
    stop()
    cancelAnimationFrame(waiting)
    counter?.end()
  }
}

export default { render: whileAlive(render) }
