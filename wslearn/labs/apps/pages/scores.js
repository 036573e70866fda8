import { Live, h, statusLine } from './live.js'

const at = (id) => document.getElementById(id)
const ASK = 1_500 // milliseconds between two questions how much was published
const LINES = 100
const MINUTES_A_SECOND = 2
const WORDS = { 'kick-off': 'Kick-off', 'half-time': 'Half-time', 'second half': 'Second half', 'full-time': 'Full time', goal: 'Goal for', card: 'Yellow card,' }

const capital = (name) => name[0].toUpperCase() + name.slice(1)
const both = (match) => `${capital(match.home)} – ${capital(match.away)}`
const topicsOf = (match) => [`match-${match.match}`, `team-${match.home}`, `team-${match.away}`, `league-${match.league}`]
const stands = (match) => match.score?.join(' : ') ?? '– : –'

/** @type {Map<string, number|null>} what is subscribed, with the last number of each; null before the state came */
const topics = new Map((new URLSearchParams(location.search).get('topics') ?? 'league-north').split(',').filter(Boolean).map((topic) => [topic, null]))
/** @type {Map<string, any>} the matches of those, as they stand */
const matches = new Map()
let log = '', fixtures = [], most = Infinity, ahead = 0, repeated = 0

/** The number of the last event of a match that its state includes. */
const newest = (match) => match?.numbers?.[`match-${match.match}`] ?? 0

function minuteOf({ kind, minute, at: when }) {
  const later = minute > 45 || kind === 'second half'
  const now = minute + Math.floor(Math.max(0, Date.now() / 1000 + ahead - when) * MINUTES_A_SECOND)
  return Math.min(now, later ? 90 : 45)
}

function clockOf(match) {
  if (!match.kind) return 'to come'
  if (match.kind === 'half-time' || match.kind === 'full-time') return WORDS[match.kind]
  return `minute ${minuteOf(match)}`
}

/** Playing first, then in the order of the fixture list. */
function board() {
  const shown = [...matches.values()].filter((match) => topicsOf(match).some((topic) => topics.has(topic)))
  const playing = (match) => Number(Boolean(match.kind) && match.kind !== 'full-time')
  shown.sort((a, b) => playing(b) - playing(a) || (b.at ?? 0) - (a.at ?? 0) || a.match.localeCompare(b.match))
  at('board').replaceChildren(...shown.map((match) => h('li', { class: playing(match) ? 'playing' : '', 'data-match': match.match },
    h('span', { class: 'home' }, capital(match.home)), h('span', { class: 'score' }, stands(match)), h('span', {}, capital(match.away)),
    h('span', { class: 'clock' }, clockOf(match)))))
  at('none').hidden = topics.size > 0
  at('subscriptions').textContent = topics.size
}

function line(text, numbers, kind) {
  at('log').prepend(h('li', { class: kind === 'goal' ? 'goals' : '' }, text, h('span', { class: 'number' }, numbers)))
  while (at('log').children.length > LINES) at('log').lastChild.remove()
}

/** Take the state of a topic, unless what came by another topic is newer. */
function takeState({ topic, last, gap, now, matches: told }) {
  if (!topics.has(topic)) return
  topics.set(topic, last)
  ahead = now - Date.now() / 1000
  for (const match of told) if (match.log !== matches.get(match.match)?.log || newest(match) >= newest(matches.get(match.match))) matches.set(match.match, match)
  if (gap) line('You were away for too long: this is how it stands now.', `${topic} ${last}`)
  board()
}

/** Take what changed: each number of each topic once, and none left out. */
function takeChange({ topics: numbers, event }) {
  const mine = Object.entries(numbers).filter(([topic]) => typeof topics.get(topic) === 'number') // else its state is still to come
  const wrong = mine.find(([topic, number]) => number > topics.get(topic) + 1)
  if (wrong) return live.socket.close(4000, `events of ${wrong[0]} after ${topics.get(wrong[0])} are missing`)
  const fresh = mine.filter(([topic, number]) => number > topics.get(topic))
  if (mine.length && !fresh.length) at('repeated').textContent = ++repeated
  if (!fresh.length) return
  for (const [topic, number] of fresh) topics.set(topic, number)
  const match = { ...fixtures.find((each) => each.match === event.match), ...event }
  if (newest(match) > newest(matches.get(match.match))) matches.set(match.match, match)
  const text = `${event.minute}′ ${WORDS[event.kind]}${event.team ? ` ${capital(event.team)}` : ''}, ${both(match)} ${stands(match)}`
  line(text, fresh.map(([topic, number]) => `${topic} ${number}`).join(', '), event.kind)
  if (event.kind === 'goal') at('goal').textContent = text
  board()
}

function takeFixtures(told) {
  // In another log the numbers count other events, so the states come: see takeState.
  if (log && log !== told.log) for (const topic of topics.keys()) topics.set(topic, null)
  log = told.log
  if (fixtures.length) return
  fixtures = told.matches
  at('most').textContent = most = told.most
  const box = (topic, name) => h('label', {}, h('input', { type: 'checkbox', value: topic, checked: topics.has(topic), onchange: choose }), name)
  const leagues = [...new Set(fixtures.map((match) => match.league))]
  at('leagues').append(...leagues.map((league) => box(`league-${league}`, capital(league))))
  const teams = leagues.flatMap((league) => [...new Set(fixtures.filter((match) => match.league === league).flatMap((match) => [match.home, match.away]))])
  at('teams').append(...teams.map((team) => box(`team-${team}`, capital(team))))
  at('matches').append(...fixtures.map((match) => box(`match-${match.match}`, both(match))))
}

function choose({ target: { value: topic, checked }, target }) {
  at('refused').textContent = ''
  if (checked && topics.size >= most) {
    target.checked = false
    at('refused').textContent = `A page has ${most} topics at most: unsubscribe from one first.`
    return
  }
  if (checked) topics.set(topic, null)
  else topics.delete(topic)
  for (const [name, match] of matches) if (!topicsOf(match).some((each) => topics.has(each))) matches.delete(name)
  live.post({ type: checked ? 'subscribe' : 'unsubscribe', topic })
  board()
  ask()
}

const takes = {
  fixtures: takeFixtures,
  state: takeState,
  change: takeChange,
  count: ({ published, sent }) => { at('published').textContent = published; at('sent').textContent = sent },
  refused: ({ why }) => { at('refused').textContent = why },
}

/** How much was published nobody is told who did not ask: it is not what was subscribed to. */
function ask() {
  if (!document.hidden) live.post({ type: 'count' })
}

const status = statusLine(at('status'), () => live)
const live = new Live('scores', {
  join: () => ({ type: 'follow', log, topics: Object.fromEntries(topics) }),
  told: (message) => takes[message.type]?.(message),
  state: (state) => queueMicrotask(() => status(state)),
})
setInterval(ask, ASK)
setInterval(() => document.hidden || tick(), 500)

/** Let the clocks of the matches go on. */
function tick() {
  for (const row of at('board').children) row.querySelector('.clock').textContent = clockOf(matches.get(row.dataset.match))
}
board()
