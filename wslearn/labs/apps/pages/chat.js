import { Live, h, someId, statusLine } from './live.js'

const at = (id) => document.getElementById(id)
const room = new URLSearchParams(location.search).get('room') ?? 'lobby'
const me = someId()
const LINES = 1000
let count = 0
let name = `Guest ${me.slice(0, 3)}`

at('name').value = name
at('again').search = location.search

/** Put a line before those of mine that wait for a number; show it, unless somebody reads further up. */
function put(line) {
  const log = at('log')
  const below = log.scrollHeight - log.scrollTop - log.clientHeight < 40
  const waiting = line.classList.contains('waiting') ? null : log.querySelector('.waiting')
  log.insertBefore(line, waiting)
  if (log.children.length > LINES) log.firstChild.remove()
  if (below) log.scrollTop = log.scrollHeight
}

/** Put a message at its place: one of mine waits at the end until it has a number. */
function show(event, number) {
  document.querySelector(`[data-id="${CSS.escape(event.id)}"]`)?.remove()
  const line = h('li', { 'data-id': event.id, class: event.id.startsWith(me) ? 'mine' : '' },
    h('span', { class: 'number' }, number ? String(number) : '…'), h('b', {}, event.name), `: ${event.text}`)
  if (!number) line.classList.add('waiting')
  put(line)
  figures()
}

function figures() {
  at('last').textContent = live.last
  at('repeated').textContent = live.repeated
}

const takes = {
  gap({ from }) {
    put(h('li', {}, from > 1 ? `You were away for too long: messages before ${from} are gone.` : 'The server has started anew, and knows nothing of what is above.'))
    figures()
  },
  refused({ id, why }) {
    at('refused').textContent = why
    if (!id) return
    live.confirm(id)
    document.querySelector(`[data-id="${CSS.escape(id)}"]`)?.remove()
  },
}

const status = statusLine(at('status'), () => live)
const live = new Live('chat', {
  join: () => ({ type: 'join', room, name }),
  event: show,
  told: (message) => takes[message.type]?.(message),
  state: (state) => queueMicrotask(() => status(state)),
})

at('form').onsubmit = (event) => {
  event.preventDefault()
  const text = at('text').value.trim()
  if (!text) return
  const message = { type: 'say', id: `${me}-${++count}`, text }
  if (!live.send(message)) return void (at('refused').textContent = 'Too much is not confirmed yet. Wait until you are connected.')
  at('refused').textContent = ''
  show({ ...message, name }, 0)
  at('text').value = ''
}
at('name').onchange = () => {
  name = at('name').value.trim() || name
  at('name').value = name
  live.cut() // a name belongs to a connection
}
