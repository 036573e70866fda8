import { Live, h, statusLine } from './live.js'

const at = (id) => document.getElementById(id)
const OLDER = 200 // milliseconds after which the ages are counted anew
const TITLES = {
  latest: ['Latest price', 'What waits is the newest price of each symbol.'],
  every: ['Every price', 'What waits is every price, in a queue.'],
}
const COUNTS = {
  made: 'made', received: 'received', conflated: 'conflated', waiting: 'waiting', age: 'oldest shown', ended: 'let go with 1013',
}

/** How long the page takes over a message, in milliseconds: it says "ready" when it has. */
let pace = Number(at('pace').value)

/** Prices as one connection gives them. */
class Board {
  /** @param {"latest"|"every"} mode */
  constructor(mode) {
    const [title, words] = TITLES[mode]
    const place = h('div', { class: 'status' })
    this.mode = mode
    this.rows = new Map()
    this.ended = 0
    this.body = h('tbody')
    this.counts = Object.fromEntries(Object.keys(COUNTS).map((name) => [name, h('dd', { 'data-count': name }, '0')]))
    this.fresh()
    at('boards').append(h('section', { id: mode, 'aria-labelledby': `${mode}-title` },
      h('h2', { id: `${mode}-title` }, title), h('p', {}, words), place,
      h('table', {}, h('thead', {}, h('tr', {}, ...['symbol', 'price', 'change', 'age'].map((name) => h('th', { scope: 'col' }, name)))), this.body),
      h('dl', { class: 'counts' }, ...Object.entries(COUNTS).map(([name, label]) => h('div', {}, h('dt', {}, label), this.counts[name])))))
    const status = statusLine(place, () => this.live)
    this.live = new Live('ticker', {
      join: () => this.fresh(),
      told: (message) => message.type === 'values' && this.take(message),
      state: (state) => queueMicrotask(() => this.heard(state, status)),
    })
  }

  /** A new connection counts from the start, and comes with a credit. */
  fresh() {
    clearTimeout(this.timer)
    this.received = 0
    this.owed = false
    return { type: 'join', mode: this.mode }
  }

  heard(state, status) {
    if (state.state === 'waiting' && this.live.code === 1013) this.counts.ended.textContent = ++this.ended
    status(state)
  }

  take({ values, made, conflated, waiting, room }) {
    const now = performance.now()
    for (const [symbol, price, age] of values) this.show(symbol, price, now - age * 1000)
    this.received += values.length
    const told = { made, received: this.received, conflated }
    for (const [name, count] of Object.entries(told)) this.counts[name].textContent = count
    this.counts.waiting.replaceChildren(String(waiting), h('small', {}, room ? ` of ${room}` : ''))
    this.older()
    this.owed = true
    this.work()
  }

  /** Take one's time over a message, then ask for the next one. */
  work() {
    clearTimeout(this.timer)
    if (!this.owed || pace === Infinity) return
    this.timer = setTimeout(() => {
      this.owed = false
      this.live.post({ type: 'ready' })
    }, pace)
  }

  show(symbol, price, since) {
    if (!this.rows.has(symbol)) {
      const cells = [h('td'), h('td'), h('td')]
      this.rows.set(symbol, { cells, price })
      this.body.append(h('tr', {}, h('th', { scope: 'row' }, symbol), ...cells))
    }
    const row = this.rows.get(symbol)
    const [shown, change] = row.cells
    const by = price - row.price
    shown.textContent = price.toFixed(2)
    change.className = by > 0 ? 'up' : by < 0 ? 'down' : ''
    change.textContent = by ? `${by > 0 ? '▲ +' : '▼ −'}${Math.abs(by).toFixed(2)}` : ''
    row.price = price
    row.since = since
  }

  older() {
    const now = performance.now()
    const ages = [...this.rows.values()].map((row) => {
      const age = (now - row.since) / 1000
      row.cells[2].textContent = `${age.toFixed(1)} s`
      return age
    })
    if (ages.length) this.counts.age.textContent = `${Math.max(...ages).toFixed(1)} s`
  }
}

const boards = [new Board('latest'), new Board('every')]
at('pace').onchange = () => {
  pace = Number(at('pace').value)
  for (const board of boards) board.work()
}
setInterval(() => document.hidden || boards.forEach((board) => board.older()), OLDER)
