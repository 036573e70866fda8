import { Live, h, someId, statusLine } from './live.js'

const at = (id) => document.getElementById(id)
const person = new URLSearchParams(location.search).get('person') ?? 'ada'
const page = someId()
const REMEMBERED = 1000, LISTED = 20
let number = 0
const counts = { taken: 0, arrived: 0, delivered: 0, gone: 0, again: 0 }

/** @type {Set<string>} the ids of all that was ever shown here */
const known = new Set()
/** @type {Map<string, HTMLElement>} what waits for this person */
const waiting = new Map()
/** @type {Map<string, {message: any, line: HTMLElement, state: HTMLElement}>} what this page sent, the oldest first */
const sent = new Map()

function count(what) {
  counts[what] += 1
  at(what).textContent = counts[what]
}

function forget(map) {
  map.delete(map.keys().next().value)
}

/** Show a note, unless it is known: it comes again until somebody acknowledges it. */
function show({ id, from, text }) {
  live.confirm(id) // one to myself: so it was taken
  if (known.has(id)) return count('again')
  known.add(id)
  if (known.size > REMEMBERED) forget(known)
  const line = h('li', { 'data-id': id }, h('b', {}, from), h('span', { class: 'text' }, text),
    h('button', { type: 'button', 'aria-label': `Got it: ${text}`, onclick: () => acknowledge(id) }, 'Got it'))
  waiting.set(id, line)
  at('notes').append(line)
  count('delivered')
  waits()
}

function acknowledge(id) {
  if (live.send({ type: 'ack', id })) waiting.get(id).querySelector('button').textContent = 'Got it …'
}

/** It was acknowledged, here or on another device. */
function leave(id) {
  live.confirm(id)
  const line = waiting.get(id)
  if (!line) return
  const focused = line.contains(document.activeElement)
  const next = line.nextElementSibling ?? line.previousElementSibling
  waiting.delete(id)
  line.remove()
  if (focused) (next?.querySelector('button') ?? at('box')).focus()
  count('gone')
  waits()
}

function waits() {
  at('none').hidden = waiting.size > 0
  document.title = (waiting.size ? `(${waiting.size}) ` : '') + `Notifications for ${person}`
}

/** Say how far a note of mine has got. */
function becomes(id, name, words) {
  const note = sent.get(id)
  if (!note || note.line.className === name || note.line.className === 'arrived') return
  note.line.className = name
  note.state.textContent = words
  if (name in counts) count(name)
}

const takes = {
  joined({ waiting: ids }) {
    for (const id of [...waiting.keys()]) if (!ids.includes(id)) leave(id)
    // Sent again, a note is taken once, and the answer is how far it has got.
    for (const [id, { message, line }] of sent) if (line.className === 'taken') live.post(message)
  },
  note: show,
  gone: ({ id }) => leave(id),
  taken({ id }) {
    if (live.outbox.get(id)?.type === 'notify') live.confirm(id)
    becomes(id, 'taken', `waits for ${sent.get(id)?.message.to}`)
  },
  arrived: ({ id }) => becomes(id, 'arrived', '✓ acknowledged'),
  refused({ id, why }) {
    at('refused').textContent = why
    if (!id) return
    live.confirm(id)
    becomes(id, 'refused', 'refused')
  },
}

const status = statusLine(at('status'), () => live)
const live = new Live('notifications', {
  join: () => ({ type: 'join', person }),
  told: (message) => {
    live.last = message.last ?? live.last
    takes[message.type]?.(message)
  },
  state: (state) => queueMicrotask(() => status(state)),
})

at('form').onsubmit = (event) => {
  event.preventDefault()
  const message = { type: 'notify', id: `${page}-${++number}`, to: at('to').value.trim(), text: at('text').value.trim() }
  if (!message.text) return
  at('refused').textContent = ''
  const state = h('span', { class: 'state' }, 'on its way …')
  const line = h('li', { 'data-id': message.id }, h('b', {}, message.to), h('span', { class: 'text' }, message.text), state)
  sent.set(message.id, { message, line, state })
  at('sent').prepend(line)
  if (sent.size > LISTED) forget(sent)
  if (sent.size < at('sent').children.length) at('sent').lastChild.remove()
  if (live.send(message)) at('text').value = ''
  else takes.refused({ id: message.id, why: 'Too much is not confirmed yet. Wait until you are connected.' })
}
at('who').onsubmit = (event) => {
  event.preventDefault()
  location.search = `?person=${encodeURIComponent(at('name').value.trim())}`
}

at('person').textContent = at('name').value = person
at('to').value = person === 'bob' ? 'ada' : 'bob'
at('same').search = `?person=${encodeURIComponent(person)}`
at('other').search = `?person=${encodeURIComponent(at('to').value)}`
waits()
