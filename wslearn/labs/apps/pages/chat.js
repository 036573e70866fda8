import { Live, h, someId, statusLine } from './live.js'

const at = (id) => document.getElementById(id)
const room = new URLSearchParams(location.search).get('room') ?? 'lobby'
const me = someId()
let count = 0

at('name').value = `Guest ${me.slice(0, 3)}`

/** Put a message at its place: one of mine waits at the end until it has a number. */
function show(event, number) {
  document.querySelector(`[data-id="${CSS.escape(event.id)}"]`)?.remove()
  const line = h('li', { 'data-id': event.id, class: event.id.startsWith(me) ? 'mine' : '' },
    h('span', { class: 'number' }, number ? String(number) : '…'), h('b', {}, event.name), `: ${event.text}`)
  if (!number) line.classList.add('waiting')
  const waiting = number ? at('log').querySelector('.waiting') : null
  at('log').insertBefore(line, waiting)
  at('log').scrollTop = at('log').scrollHeight
  at('last').textContent = live.last
  at('repeated').textContent = live.repeated
}

const status = statusLine(at('status'), () => live)
const live = new Live('chat', {
  join: () => ({ type: 'join', room, name: at('name').value }),
  event: show,
  told: (message) => {
    if (message.type === 'refused') at('refused').textContent = message.why
    if (message.type === 'gap') at('log').append(h('li', {}, `You were away for too long: messages before ${message.from} are gone.`))
  },
  state: (state) => queueMicrotask(() => status(state)),
})

at('form').onsubmit = (event) => {
  event.preventDefault()
  const text = at('text').value.trim()
  if (!text) return
  at('refused').textContent = ''
  const message = { type: 'say', id: `${me}-${++count}`, text }
  show({ ...message, name: at('name').value }, 0)
  live.send(message)
  at('text').value = ''
}
at('name').onchange = () => live.cut() // a name belongs to a connection
