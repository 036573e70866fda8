import { h, someId, statusLine } from './live.js'
import { YLive, paced } from './ylive.js'
import {
  Awareness, Doc, UndoManager, createAbsolutePositionFromRelativePosition, createRelativePositionFromJSON,
  createRelativePositionFromTypeIndex, encodeStateAsUpdate,
} from './yjs.js'

const at = (id) => document.getElementById(id)
const name = new URLSearchParams(location.search).get('doc') ?? 'notes'
const doc = new Doc(), text = doc.getText('text'), awareness = new Awareness(doc)
const mine = new UndoManager(text, { trackedOrigins: new Set(['me']) })
const area = at('text')
const NOT_TAKEN = new Set([1007, 1008, 1009])
let shown = '' // what is in the area, and in the text
let offline = false

at('doc').textContent = name
at('name').value = `Guest ${someId().slice(0, 3)}`

/**
 * What was done to turn `before` into `after`, with the cursor at `cursor` then.
 * @param {string} before @param {string} after @param {number} cursor
 * @returns {{start: number, gone: number, put: string}}
 */
export function difference(before, after, cursor) {
  const most = Math.min(before.length, after.length)
  let end = 0, start = 0
  while (end < Math.min(most, after.length - cursor) && before.at(-1 - end) === after.at(-1 - end)) end++
  while (start < most - end && before[start] === after[start]) start++
  if (isHalf(before, start) || isHalf(after, start)) start--
  if (isHalf(before, before.length - end) || isHalf(after, after.length - end)) end--
  return { start, gone: before.length - end - start, put: after.slice(start, after.length - end) }
}

/** Whether a character beyond the first 65,536 would be cut in two here. @param {string} s @param {number} i */
const isHalf = (s, i) => (s.charCodeAt(i) & 0xfc00) === 0xdc00 && (s.charCodeAt(i - 1) & 0xfc00) === 0xd800

/** Where a cursor is after a change. @param {number} cursor @param {{retain?: number, insert?: string, delete?: number}[]} delta */
export function moved(cursor, delta) {
  let index = 0
  for (const { retain = 0, insert = '', delete: gone = 0 } of delta) {
    index += retain
    if (index >= cursor) break
    cursor += insert.length - Math.min(gone, cursor - index)
    index += insert.length
  }
  return cursor
}

const status = statusLine(at('status'), () => live)
const live = new YLive(`editor?doc=${encodeURIComponent(name)}`, {
  join: () => ({}),
  state: (state) => queueMicrotask(() => {
    const closed = state.state === 'waiting'
    if (closed && offline) clearTimeout(live.timer)
    if (state.state === 'waiting') live.forget()
    status(closed && offline ? { ...state, state: 'offline' } : state)
    refused(closed && NOT_TAKEN.has(live.code))
    figures()
  }),
}, doc, awareness)

function refused(yes) {
  if (!yes) return
  at('refused').replaceChildren(`The server does not take what you wrote: ${live.why} It is only here. `,
    h('button', { type: 'button', onclick: () => location.reload() }, 'Drop it and take the shared text'))
  at('refused').hidden = false
}

// ---------------------------------------------------------------- what is written here and elsewhere

area.addEventListener('input', () => {
  const { start, gone, put } = difference(shown, area.value, area.selectionEnd)
  shown = area.value
  doc.transact(() => {
    text.delete(start, gone)
    text.insert(start, put)
  }, 'me')
  point()
})

text.observe((event, { origin }) => {
  draw()
  if (origin === 'me') return
  const { selectionStart, selectionEnd, selectionDirection, scrollTop } = area
  area.value = shown = text.toString()
  area.setSelectionRange(moved(selectionStart, event.delta), moved(selectionEnd, event.delta), selectionDirection)
  area.scrollTop = scrollTop
})

// While a character is put together (Chinese, accents), a change from outside would break it off.
area.addEventListener('compositionstart', () => live.hold())
area.addEventListener('compositionend', () => live.release())

area.addEventListener('keydown', (event) => {
  const key = event.key.toLowerCase()
  if (!(event.ctrlKey || event.metaKey) || !'zy'.includes(key)) return
  event.preventDefault()
  key === 'y' || event.shiftKey ? mine.redo() : mine.undo()
  point()
})

at('offline').onclick = () => {
  offline = !offline
  at('offline').setAttribute('aria-pressed', String(offline))
  offline ? live.cut() : live.connect()
}

// ---------------------------------------------------------------- where everybody writes

const point = paced(() => {
  const here = (index) => createRelativePositionFromTypeIndex(text, index)
  const focused = document.activeElement === area
  awareness.setLocalStateField('cursor', focused ? { anchor: here(area.selectionStart), head: here(area.selectionEnd) } : null)
})
for (const type of ['keyup', 'pointerup', 'select', 'focus', 'blur']) area.addEventListener(type, point)
const call = () => awareness.setLocalStateField('user', { name: at('name').value.trim() || 'Nobody' })
at('name').onchange = call
call()
awareness.on('change', () => draw())
area.addEventListener('scroll', () => { at('mirror').scrollTop = area.scrollTop })

/** Those who write here, with their places in the text: states come from strangers. */
function people() {
  return [...awareness.getStates()].map(([id, { user, cursor }]) => ({
    id, me: id === doc.clientID, name: String(user?.name ?? 'Nobody').slice(0, 30), index: place(cursor?.head), who: `who-${id % 6}`,
  }))
}

function place(head) {
  try {
    return head ? createAbsolutePositionFromRelativePosition(createRelativePositionFromJSON(head), doc)?.index ?? null : null
  } catch {
    return null
  }
}

const draw = paced(() => {
  const all = people(), value = text.toString()
  at('people').replaceChildren(...all.map(({ name, me, index, who }) => {
    const line = index === null ? '' : `, line ${value.slice(0, index).split('\n').length}`
    return h('li', { class: who }, `${name}${me ? ' (you)' : line}`)
  }))
  const parts = []
  let from = 0
  for (const { index, name, who } of all.filter(({ me, index }) => !me && index !== null).sort((a, b) => a.index - b.index)) {
    parts.push(value.slice(from, index), h('span', { class: `caret ${who}`, 'data-name': name }))
    from = index
  }
  at('mirror').replaceChildren(...parts, `${value.slice(from)}\n`)
  at('mirror').scrollTop = area.scrollTop
  figures()
})

const number = (value) => value.toLocaleString('en')
const told = ({ count, bytes, last }) => `${number(count)} updates, ${number(bytes)} bytes${count ? `; the last one ${number(last)}` : ''}`
function figures() {
  at('sent').textContent = told(live.sent)
  at('merged').textContent = told(live.merged)
  at('unsent').textContent = `${number(live.unsent)} changes`
  at('size').textContent = `${number(text.length)} characters, ${number(encodeStateAsUpdate(doc).length)} bytes with its history`
}
