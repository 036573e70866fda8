import { Live, h, statusLine } from './live.js'
import { draw } from './arena.js'

const RATE = 20, WIDTH = 640, HEIGHT = 400, RADIUS = 14, STRAIGHT = 6, SLANTING = 4 // as in wslearn/labs/apps/world.py
const REPLACED = 4000
const at = (id) => document.getElementById(id)
const token = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')

/** @typedef {{x: number, y: number, score: number, seen: number, here: boolean}} Figure */
const world = { tick: 0, node: '', coins: [], /** @type {Map<string, Figure>} */ figures: new Map() }
let you = '', names = {}, number = 0
/** What was sent and is not decided about. @type {{number: number, x: number, y: number, sent: number}[]} */
let pending = []
/** Where this page thinks that its figure is. @type {{x: number, y: number}|null} */
let guess = null
let corrected = { times: 0, last: 0 }, latency = 0
const ticks = /** @type {{tick: number, time: number}[]} */ ([])

at('name').value = `Guest ${token.slice(0, 3)}`

/**
 * Where a step leads to: whatever else is in the way, only the server knows.
 * @param {{x: number, y: number}} from @param {{x: number, y: number}} move
 */
export function walked(from, { x, y }) {
  const far = x && y ? SLANTING : STRAIGHT
  const within = (value, most) => Math.min(Math.max(value, RADIUS), most - RADIUS)
  return { x: within(from.x + x * far, WIDTH), y: within(from.y + y * far, HEIGHT) }
}

// ---------------------------------------------------------------- what the server decides

/** It weighs the worlds, too. */
class Weighing extends Live {
  read(data) {
    if (data.startsWith('{"type":"world"')) this.size = data.length
    super.read(data)
  }
}

const status = statusLine(at('status'), () => live)
const live = new Weighing('game', {
  join: () => ({ type: 'play', name: at('name').value.trim() || 'Nobody', token }),
  told: (message) => ({ world: shown, names: named, playing, refused, skipped })[message.type]?.(message),
  state: (state) => queueMicrotask(() => {
    if (state.state === 'waiting' && live.code === REPLACED) clearTimeout(live.timer)
    if (state.state !== 'open') pending = []
    status(state)
  }),
})

function playing(message) { you = message.you }
function named(message) { names = message.names }
function skipped({ count }) { at('skipped').textContent = String(count) }
function refused({ why }) { say(why, true) }

function shown(message) {
  const now = performance.now(), score = world.figures.get(you)?.score
  Object.assign(world, { tick: message.tick, node: message.node, coins: message.coins })
  world.figures = new Map(message.figures.map(([who, x, y, score, seen, here]) => [who, { x, y, score, seen, here: !!here }]))
  ticks.push({ tick: message.tick, time: now })
  while (ticks.length > 2 && ticks[0].time < now - 3000) ticks.shift()
  const mine = world.figures.get(you)
  if (mine) reconcile(mine, now)
  if (mine && score !== undefined && mine.score > score) say(`The server gave you a coin: ${mine.score}`, false)
  scores()
  figures()
}

/** Begin at the server's place, and make those moves again that it has not decided about. @param {Figure} mine */
function reconcile(mine, now) {
  const decided = pending.filter((move) => move.number <= mine.seen)
  if (decided.length) latency = now - decided.at(-1).sent
  pending = pending.filter((move) => move.number > mine.seen)
  const right = pending.reduce(jumped, { x: mine.x, y: mine.y })
  const far = guess ? Math.round(Math.hypot(right.x - guess.x, right.y - guess.y)) : 0
  if (far) corrected = { times: corrected.times + 1, last: far }
  guess = right
}

/** @param {{x: number, y: number}} from @param {{x: number, y: number}} move an honest one, or many steps in one */
function jumped(from, { x, y }) {
  const steps = Math.max(Math.abs(x), Math.abs(y), 1)
  for (let step = 0; step < steps; step++) from = walked(from, { x: Math.sign(x), y: Math.sign(y) })
  return from
}

// ---------------------------------------------------------------- what the player wants

const held = new Set()
/** @type {{x: number, y: number}|null} where a finger or the mouse is */
let finger = null
const KEYS = { arrowleft: [-1, 0], a: [-1, 0], arrowright: [1, 0], d: [1, 0], arrowup: [0, -1], w: [0, -1], arrowdown: [0, 1], s: [0, 1] }

const arena = at('arena')
arena.addEventListener('keydown', (event) => {
  const key = event.key.toLowerCase()
  if (!KEYS[key] || event.ctrlKey || event.metaKey || event.altKey) return
  event.preventDefault()
  held.add(key)
})
arena.addEventListener('keyup', (event) => held.delete(event.key.toLowerCase()))
arena.addEventListener('blur', () => held.clear())
const point = (event) => {
  const box = arena.getBoundingClientRect()
  finger = { x: (event.clientX - box.left) / box.width * WIDTH, y: (event.clientY - box.top) / box.height * HEIGHT }
}
arena.addEventListener('pointerdown', (event) => {
  arena.setPointerCapture(event.pointerId)
  point(event)
})
arena.addEventListener('pointermove', (event) => { if (finger) point(event) })
for (const type of ['pointerup', 'pointercancel']) arena.addEventListener(type, () => { finger = null })

function wanted() {
  const keys = [...held].map((key) => KEYS[key])
  if (keys.length || !finger || !guess) return { x: Math.sign(sum(keys, 0)), y: Math.sign(sum(keys, 1)) }
  const way = (to, from) => (Math.abs(to - from) < STRAIGHT ? 0 : Math.sign(to - from))
  return { x: way(finger.x, guess.x), y: way(finger.y, guess.y) }
}
const sum = (pairs, at) => pairs.reduce((total, pair) => total + pair[at], 0)

function move(x, y) {
  if (live.state !== 'open' || !guess) return
  const step = { number: ++number, x, y, sent: performance.now() }
  pending.push(step)
  guess = jumped(guess, step)
  live.post({ type: 'move', number: step.number, x, y })
  at('pending').textContent = String(pending.length)
}

setInterval(() => {
  const { x, y } = wanted()
  if (x || y) move(x, y)
}, 1000 / RATE)
at('cheat').onclick = () => move(guess && guess.x > WIDTH / 2 ? -40 : 40, 0)
at('name').onchange = () => live.cut() // a name belongs to a connection

// ---------------------------------------------------------------- what is seen

function say(words, no) {
  at('said').textContent = words
  at('said').classList.toggle('no', no)
}

let listed = ''
function scores() {
  const best = [...world.figures].sort(([, a], [, b]) => b.score - a.score)
  const lines = best.map(([who, { score, here }]) => [who, `${names[who] ?? '…'}${who === you ? ' (you)' : ''}${here ? '' : ', away'}`, score, here])
  if (listed === (listed = JSON.stringify(lines))) return
  at('scores').replaceChildren(...lines.map(([who, name, score, here]) =>
    h('li', { class: `${hue(who)}${here ? '' : ' away'}` }, h('span', {}, name), h('b', {}, String(score)))))
}

function figures() {
  const [first, last] = [ticks[0], ticks.at(-1)]
  const rate = last.time > first.time + 500 ? (last.tick - first.tick) / (last.time - first.time) * 1000 : 0
  at('ticks').textContent = `${world.tick}${rate ? `, ${rate.toFixed(1)} a second` : ''}, on node ${world.node}`
  at('size').textContent = `${live.size} bytes, ${world.figures.size} figures`
  at('latency').textContent = latency ? `${Math.round(latency)} ms, up to ${1000 / RATE} of them for the tick` : 'no move yet'
  at('pending').textContent = String(pending.length)
  at('corrected').textContent = `${corrected.times} ×${corrected.times ? `, the last time by ${corrected.last}` : ''}`
}

/** @param {string} who */
export const hue = (who) => `who-${parseInt(who.slice(0, 4), 16) % 6}`

draw(arena, () => ({ world, names, you, guess }), hue)
