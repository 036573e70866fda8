// ConsoleView: the form and the log. Python speaks for the kernel; here only the browser's own WebSocket does.

/** @typedef {{n: number, at: number, way: string, what: string, size: number, text: string, fault: boolean}} Row */

const MOST = 300 // rows, as in Python
const LONGEST = 2000 // characters of a row, as in Python
const NEWS = 80 // milliseconds between two rounds of news for Python
const KINDS = { open: 'payload', text: 'payload', binary: 'payload', continuation: 'payload', http: 'http', raw: 'length', ping: 'opcode', pong: 'opcode', close: 'opcode', note: 'flags' }
const NEEDS_KERNEL = 'A page’s script cannot do that: speak from the kernel'

/** @param {string} text */
const plain = (text) => `${text.slice(0, LONGEST).replace(/\p{C}/gu, '·')}${text.length > LONGEST ? '…' : ''}`
/** @param {Uint8Array} data */
const dump = (data) => `${[...data.subarray(0, 64)].map(hex).join(' ')}${data.length > 64 ? ' …' : ''}`

/** Read hex in any grouping. @param {string} typed @returns {Uint8Array} */
function readHex(typed) {
  const digits = typed.replace(/0x|[\s,:]/gi, '').toLowerCase()
  const stranger = digits.match(/[^0-9a-f]/u)
  if (stranger) throw new Error(`Hex has the digits 0–9 and a–f: take out “${stranger[0]}”.`)
  if (digits.length % 2) throw new Error('A byte has two hex digits: one digit is missing.')
  return Uint8Array.from(unhex(digits))
}

/**
 * The browser's WebSocket: it follows the same orders as the kernel's client, and writes the same log.
 * @param {any} model
 */
function browserSpeaker(model) {
  const own = `${Math.random()}`
  /** @type {WebSocket | null} */
  let socket = null
  let began = 0
  let timer = 0
  /** @type {Set<string>} */
  const done = new Set(model.get('commands').map((order) => order.id))
  /** @type {Row[]} */
  let rows = []
  let count = 0

  const flush = () => {
    clearTimeout(timer)
    timer = 0
    tell(model, { log: rows, left_out: count - rows.length })
  }
  const write = (/** @type {string} */ way, /** @type {string} */ what, /** @type {number} */ size, /** @type {string} */ text, fault = false) => {
    count += 1
    rows = [...rows, { n: count, at: Math.round(performance.now() - began) / 1000, way, what, size, text: plain(text), fault }].slice(-MOST)
    timer ||= setTimeout(flush, NEWS)
  }
  const fail = (/** @type {string} */ problem) => tell(model, { problem })
  const size = (/** @type {string} */ text) => new TextEncoder().encode(text).length

  const hang_up = () => {
    const old = socket
    if (!old) return
    socket = null
    for (const name of ['onopen', 'onmessage', 'onclose', 'onerror']) old[name] = null
    old.close()
    flush()
    tell(model, { state: 'closed' })
  }
  const connect = () => {
    hang_up()
    const url = model.get('url')
    let urls
    try { urls = ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname) ? reachable(url) : [url] } catch {
      fail(url ? `“${plain(url)}” is not a URL. Write it as ws://host:port/path or wss://….` : 'Type where to connect to, such as the url of a server that serve() started.')
      return
    }
    began = performance.now()
    rows = model.get('log')
    count = rows.at(-1)?.n ?? 0
    tell(model, { state: 'connecting', problem: '' })
    open(urls.length ? urls : [url])
  }
  const open = (/** @type {string[]} */ [url, ...others]) => {
    let opening
    try { opening = new WebSocket(url) } catch (error) {
      if (others.length) open(others)
      else tell(model, { state: 'closed', problem: `The browser will not connect there: ${error.message}` })
      return
    }
    socket = opening
    opening.binaryType = 'arraybuffer'
    let opened = false
    opening.onopen = () => { opened = true; write('·', 'note', -1, `open: ${opening.extensions || 'no extension'}`); flush(); tell(model, { state: 'open' }) }
    opening.onmessage = ({ data }) => {
      if (typeof data === 'string') write('←', 'text', size(data), data)
      else write('←', 'binary', data.byteLength, dump(new Uint8Array(data)))
    }
    opening.onclose = ({ code, reason, wasClean }) => {
      if (socket !== opening) return
      if (!opened && others.length) { open(others); return }
      socket = null
      write('←', 'close', -1, `${code}${reason ? ` “${reason}”` : ''}${wasClean ? '' : ', without a closing handshake'}`)
      flush()
      tell(model, { state: 'closed', ...(opened ? {} : { problem: `The browser got no WebSocket at ${plain(model.get('url'))}; it does not say why. Let the kernel try: it does.` }) })
    }
  }
  const send = (/** @type {string | Uint8Array} */ data) => {
    if (socket?.readyState !== WebSocket.OPEN) { fail('There is no connection: press “connect” first.'); return }
    socket.send(data)
    if (typeof data === 'string') write('→', 'text', size(data), data)
    else write('→', 'binary', data.length, dump(data))
  }
  const close = (/** @type {string} */ code, /** @type {string} */ reason) => {
    if (!socket) { fail('There is no connection: press “connect” first.'); return }
    if (code && !/^\d+$/.test(code)) { fail(`A close code is a number such as 1000, not “${plain(code)}” (§7.4).`); return }
    try {
      if (code) socket.close(Number(code), reason)
      else socket.close()
    } catch (error) {
      fail(error.name === 'InvalidAccessError' ? `A page may close with 1000 or 3000–4999 only, not with ${code}. The kernel may use all of §7.4.`
        : `The reason takes ${size(reason)} bytes; a close frame has room for 123 (§5.5).`)
      return
    }
    write('→', 'close', -1, `${code}${reason ? ` “${reason}”` : ''}`)
    flush()
    tell(model, { state: 'closing' })
  }
  const obey = (/** @type {Record<string, string>} */ order) => {
    if (order.do === 'clear') { rows = []; count = 0; flush(); return }
    if (order.do === 'connect') {
      if (order.by === own) connect()
      else hang_up() // another picture of this console takes over
      return
    }
    if (!socket && order.by !== own) return // it is for the picture that has the connection
    tell(model, { problem: '' })
    try {
      if (order.do === 'text') send(order.text)
      else if (order.do === 'binary') send(readHex(order.text))
      else if (order.do === 'close') close(order.code.trim(), order.reason)
    } catch (error) { fail(error.message) }
  }
  const hear = () => {
    for (const order of model.get('commands')) {
      if (done.has(order.id)) continue
      done.add(order.id)
      if (model.get('speaks') === 'browser') obey(order)
    }
  }
  model.on('change:commands', hear)
  return {
    own,
    has: () => socket !== null,
    hang_up,
    end() { model.off('change:commands', hear); hang_up(); clearTimeout(timer) },
  }
}

/** The log, its newest row in sight unless somebody looks at older ones. @param {any} model */
function logTable(model) {
  const body = h('tbody')
  const table = h('table', { class: 'wsl-words wsl-log' }, h('thead', { class: 'wsl-unseen' },
    h('tr', {}, ...['time', 'direction and opcode', 'payload size', 'text'].map((name) => h('th', { scope: 'col' }, name)))), body)
  const older = h('div', { class: 'wsl-name' })
  const box = h('div', { class: 'wsl-scroll', tabindex: 0, role: 'region', 'aria-label': 'Log' }, older, table)
  const empty = h('div', { class: 'wsl-name' }, 'Nothing was sent or received yet.')
  let last = 0
  let first = 0
  let follows = true
  let byHand = false // a new layout scrolls, too
  for (const kind of ['wheel', 'touchmove', 'pointerdown', 'keydown']) box.addEventListener(kind, () => { byHand = true }, { passive: true })
  box.addEventListener('scroll', () => { if (byHand) follows = box.scrollHeight - box.scrollTop - box.clientHeight < 40 })
  const lowest = () => {
    if (!follows) return
    byHand = false
    box.scrollTop = box.scrollHeight
  }
  const sizes = new ResizeObserver(lowest) // in a narrower page the rows are higher
  sizes.observe(table)
  const line = (/** @type {Row} */ row) => h('tr', { class: `wsl-${row.fault ? 'fault' : KINDS[row.what] ?? 'flags'}`, 'data-n': row.n },
    h('td', { class: 'wsl-when' }, `${row.at.toFixed(3)} s`), h('th', { scope: 'row' }, `${row.way} ${row.fault ? '✗ ' : ''}${row.what}`),
    h('td', { class: 'wsl-size' }, row.size < 0 ? '' : `${row.size.toLocaleString('en')} B`), h('td', { class: 'wsl-said' }, row.text))
  return {
    box, empty,
    end() { sizes.disconnect() },
    /** @returns {Row[]} the new rows */
    draw() {
      const rows = /** @type {Row[]} */ (model.get('log'))
      const began = rows[0]?.n ?? 0
      if (began < first || (rows.at(-1)?.n ?? 0) < last) { body.replaceChildren(); last = 0 }
      while (body.firstElementChild && Number(body.firstElementChild.dataset.n) < began) body.firstElementChild.remove()
      const fresh = rows.filter((row) => row.n > last)
      body.append(...fresh.map(line))
      last = rows.at(-1)?.n ?? 0
      first = began
      const left = model.get('left_out')
      older.textContent = left ? `${left.toLocaleString('en')} older rows are not kept.` : ''
      box.hidden = !rows.length
      empty.hidden = Boolean(rows.length)
      lowest()
      return fresh
    },
  }
}

/** @param {{ model: any, el: HTMLElement }} context */
function render({ model, el }) {
  const box = card(el, 'Console')
  box.root.classList.add('wsl-console')
  const browser = browserSpeaker(model)
  const order = (/** @type {string} */ what, /** @type {Record<string, string>} */ more = {}) => tell(model, {
    commands: [...model.get('commands'), { id: `${Date.now()} ${Math.random()}`, by: browser.own, do: what, ...more }].slice(-50),
  })
  const typed = (/** @type {Record<string, unknown>} */ more, /** @type {() => void} */ enter) => h('input', {
    class: 'wsl-code', type: 'text', spellcheck: 'false', autocomplete: 'off', ...more,
    onkeydown: (/** @type {KeyboardEvent} */ event) => { if (event.key === 'Enter' && !event.isComposing) { event.preventDefault(); enter() } },
  })
  const well = (/** @type {string} */ text) => text.toWellFormed?.() ?? text

  const url = typed({ placeholder: 'ws://127.0.0.1:8765/echo', oninput: () => tell(model, { url: well(url.value) }) }, () => order('connect'))
  const connect = button('connect', () => order('connect'))
  const sides = {
    kernel: button('kernel', () => { browser.hang_up(); tell(model, { speaks: 'kernel' }) }, { pressed: true, name: 'Speak from the kernel' }),
    browser: button('browser', () => tell(model, { speaks: 'browser' }), { pressed: false, name: 'Speak from this browser' }),
  }
  const kind = h('select', { 'aria-label': 'Send as', onchange: () => draw() },
    h('option', { value: 'text' }, 'text'), h('option', { value: 'binary' }, 'binary, in hex'), h('option', { value: 'raw' }, 'raw frame, in hex'))
  const send = () => { order(kind.value, { text: well(what.value) }); what.select() }
  const what = typed({}, send)
  const sending = button('send', send)
  const ping = button('ping', () => order('ping'))
  const code = typed({ size: 5, value: '1000', inputmode: 'numeric' }, () => shut())
  const reason = typed({ placeholder: 'none' }, () => shut())
  const shut = () => order('close', { code: code.value, reason: well(reason.value) })
  const closing = button('close', shut, { name: 'Close the connection' })
  const clear = button('clear', () => order('clear'), { name: 'Clear the log' })
  const problem = h('div', { class: 'wsl-problem' })
  const log = logTable(model)
  box.tools.append(h('span', { class: 'wsl-name' }, 'speaks from'), sides.kernel, sides.browser, clear)
  box.body.append(
    h('div', { class: 'wsl-line' }, labelled('URL', url), connect),
    h('div', { class: 'wsl-line' }, labelled('message', what), kind, sending, ping),
    h('div', { class: 'wsl-line' }, labelled('code', code), labelled('reason', reason), closing),
    problem, log.empty, log.box)
  const PLACEHOLDERS = { text: 'Hello', binary: '00 ff', raw: '81 85 37 fa 21 3d 7f 9f 4d 51 58' }

  let heard = ''
  let drawn = false
  const draw = () => {
    const speaks = model.get('speaks')
    const state = model.get('state')
    const kernel = speaks === 'kernel'
    const ours = kernel || browser.has()
    put(url, model.get('url'))
    for (const [name, each] of Object.entries(sides)) {
      press(each, name === speaks)
      each.disabled = name !== speaks && state !== 'closed' && ours
      each.title = each.disabled ? 'Close the connection first' : ''
    }
    for (const each of [ping, kind.querySelector('[value=raw]')]) {
      each.disabled = !kernel
      each.title = kernel ? '' : NEEDS_KERNEL
    }
    if (!kernel && kind.value === 'raw') kind.value = 'text'
    what.placeholder = PLACEHOLDERS[kind.value]
    // The browser's connection may have been another page's, which is gone.
    connect.disabled = state !== 'closed' && ours
    for (const each of [sending, closing]) each.disabled = state !== 'open'
    if (kernel) ping.disabled = state !== 'open'
    problem.textContent = model.get('problem') && `✗ ${model.get('problem')}`
    const [mark, text] = model.get('said')[state]
    box.say({ mark, verdict: state, text, note: `${model.get('left_out') + model.get('log').length} rows` })
    const fresh = log.draw()
    const now = model.get('problem') || state
    if (drawn && now !== heard) box.announce(now)
    else if (drawn && fresh.length) box.announce(fresh.slice(-3).map((row) => `${row.way === '←' ? 'received' : 'sent'} ${row.what} ${row.text.slice(0, 120)}`).join('. '))
    heard = now
    drawn = true
  }
  const end = follow(model, ['url', 'speaks', 'state', 'log', 'left_out', 'problem'], draw)
  return () => { end(); log.end(); browser.end() }
}

export default { render: whileAlive(render) }
