import { Live, h, statusLine } from './live.js'

const at = (id) => document.getElementById(id)
const SHOWN = 30_000 // milliseconds of a chart
const HIDDEN = 5_000 // between two values for a page that nobody sees
const NONE = '–'

const percent = (value) => `${value.toFixed(0)} %`
const plain = (value) => value.toFixed(2)
/** Bytes, so that they can be read. @param {number} value */
function bytes(value) {
  for (const unit of ['B', 'kB', 'MB']) {
    if (value < 1000) return `${value < 10 && unit !== 'B' ? value.toFixed(1) : value.toFixed(0)} ${unit}`
    value /= 1000
  }
  return `${value.toFixed(1)} GB`
}
const rate = (value) => `${bytes(value)}/s`

function svg(tag, attributes, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

/** A figure with its name, its value in words, and a drawing, which says the same to whoever does not see it. */
function figure(title) {
  const now = h('div', { class: 'now' }), range = h('div', { class: 'range' })
  const drawing = svg('svg', { role: 'img', viewBox: '0 0 300 100', preserveAspectRatio: 'none' })
  at('charts').append(h('figure', {}, h('figcaption', {}, h('b', {}, title), now, range), drawing))
  return { now, range, drawing }
}

/**
 * A chart of the last half minute. Each value that came is a dot: between them, nobody has looked.
 * @param {string} title @param {string[]} names of its lines, at most two @param {(value: number) => string} words
 * @param {number} least the highest value that it has room for, at least
 */
function lines(title, names, words, least) {
  const { now, range, drawing } = figure(title)
  const values = names.map((name) => h('span', {}))
  names.forEach((name, line) => {
    const kind = line ? 'second' : 'first'
    const sample = svg('svg', { viewBox: '0 0 30 10', 'aria-hidden': 'true' }, svg('path', { class: kind, d: 'M1 5H29' }))
    now.append(h('span', {}, ...(names.length > 1 ? [sample, `${name} `] : []), values[line]))
    drawing.append(svg('path', { class: kind }), svg('path', { class: `${kind} dots` }))
  })
  /** @type {{when: number, row: number[]}[]} */
  let history = []
  return (when, row) => {
    history = [...history.filter((each) => each.when > when - SHOWN), { when, row }]
    const top = Math.max(least, ...history.flatMap((each) => each.row))
    const words_ = names.map((name, line) => {
      const points = history.map((each) => [300 - (300 * (when - each.when)) / SHOWN, 98 - (96 * each.row[line]) / top])
      const [path, dots] = drawing.querySelectorAll(line ? '.second' : '.first')
      path.setAttribute('d', `M${points.map((point) => point.map((part) => part.toFixed(1)).join(' ')).join('L')}`)
      dots.setAttribute('d', points.map(([x, y]) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`).join(''))
      values[line].textContent = words(row[line])
      const all = history.map((each) => each.row[line])
      return `${names.length > 1 ? `${name}: ` : ''}${words(Math.min(...all))} to ${words(Math.max(...all))}`
    })
    range.textContent = `${words_.join(', ')} in the last 30 s`
    drawing.setAttribute('aria-label', `${title}: now ${values.map((value, line) => `${names[line]} ${value.textContent}`).join(', ')}; ${range.textContent}`)
  }
}

/** A bar for each core. */
function bars(title) {
  const { now, range, drawing } = figure(title)
  return (cores) => {
    const wide = 300 / cores.length
    drawing.replaceChildren(...cores.flatMap((core, number) => [
      svg('rect', { class: 'room', x: number * wide + 1, y: 0, width: wide - 2, height: 100 }),
      svg('rect', { x: number * wide + 1, y: 100 - core, width: wide - 2, height: core }),
    ]))
    const each = cores.length <= 8 ? cores.map((core, number) => `${number}: ${percent(core)}`).join(', ') : ''
    now.textContent = each || `${percent(Math.min(...cores))} to ${percent(Math.max(...cores))}`
    range.textContent = `${cores.length} cores, over the last second`
    drawing.setAttribute('aria-label', `${title}: ${now.textContent}`)
  }
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length
const cores = bars('CPU, each core')
const charts = [
  [lines('CPU, on average', ['of all cores'], percent, 100), (machine) => [mean(machine.cores)]],
  [lines('Memory in use', ['of all'], percent, 100), ({ memory }) => [(100 * memory.used) / memory.total]],
  [lines('Load over a minute', ['processes'], plain, 1), ({ load }) => [load[0]]],
  [lines('Network', ['received', 'sent'], rate, 1000), ({ network }) => [network.received, network.sent]],
]

function row(node, here) {
  const state = node.gone ? `gone, silent for ${node.age.toFixed(0)} s` : node.node === here ? 'this one' : 'measures'
  const figures = [String(node.connections), node.messages.toFixed(1), percent(node.cpu), bytes(node.memory)]
  return h('tr', { class: node.gone ? 'gone' : '' }, h('th', { scope: 'row' }, node.node), h('td', { class: 'state' }, state),
    ...figures.map((figure) => h('td', {}, node.gone ? NONE : figure)))
}

let newest = null // what came last
let waiting = 0 // the frame in which it is to be drawn

function draw() {
  waiting = 0
  cores(newest.machine.cores)
  for (const [chart, values] of charts) chart(newest.measuredAt, values(newest.machine))
  at('nodes').replaceChildren(...newest.nodes.map((node) => row(node, newest.here)))
  at('measured').textContent = newest.measured
  at('sent').textContent = newest.sent
  at('skipped').textContent = newest.measured - newest.sent
  age()
  live.post({ type: 'drawn', tick: newest.tick })
}

/** Say how old the value is that is on the screen. */
function age() {
  if (newest) at('age').textContent = `${((performance.now() - newest.measuredAt) / 1000).toFixed(2)} s`
}
setInterval(() => document.hidden || age(), 200)

function take(figures) {
  const own = figures.nodes.find((node) => node.node === figures.here)
  newest = { ...figures, measuredAt: performance.now() - own.age * 1000 }
  cancelAnimationFrame(waiting)
  // A hidden page has no frames: it draws at once, and has asked for fewer values.
  if (document.hidden) draw()
  else waiting = requestAnimationFrame(draw)
}

const every = () => (document.hidden ? HIDDEN : Number(at('every').value))
function watch() {
  at('asks').textContent = document.hidden ? 'Hidden: one in five seconds.' : 'One in five seconds while the tab is hidden.'
  live.post({ type: 'watch', every: every() })
}
at('every').onchange = watch
document.onvisibilitychange = () => {
  watch()
  if (waiting && document.hidden) {
    cancelAnimationFrame(waiting)
    draw()
  }
}

const status = statusLine(at('status'), () => live)
const live = new Live('dashboard', {
  join: () => ({ type: 'watch', every: every() }),
  told: (message) => {
    if (message.type === 'figures') take(message)
    if (message.type === 'refused') at('refused').textContent = message.why
  },
  state: (state) => queueMicrotask(() => {
    status(state)
    at('charts').classList.toggle('stale', state.state !== 'open')
  }),
})
watch()
