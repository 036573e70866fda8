// RaceView: dots where events arrived, live from Python, and again at any time of the race.

/** @typedef {{name: string, hue: string, told: string, dots: [number, number, number][]}} Lane */

const TICK = 0.04 // seconds between two pictures of a replay
const SLOWER = 0.5 // how fast a replay's clock goes
const TOGETHER = 0.01 // seconds: events so close came in one answer, and one step goes over them
const A_STEP = 0.6 // seconds for each event, where motion is not wanted

const SLIDERS = /** @type {const} */ ([
  ['rate', 'events a second', 1, (/** @type {number} */ value) => `${value}`],
  ['interval', 'a poll every', 0.1, (/** @type {number} */ value) => `${value.toFixed(1)} s`],
  ['clients', 'clients on each lane', 1, (/** @type {number} */ value) => `${value}`],
])

/** A slider for a number, with what it stands at. @param {any} model @param {typeof SLIDERS[number]} slider */
function numberSlider(model, [trait, label, step, written]) {
  const [min, max] = model.get('ranges')[trait]
  const shown = h('output', { class: 'wsl-mono' })
  const input = h('input', { type: 'range', min, max, step, 'aria-label': label, oninput: () => tell(model, { [trait]: Number(input.value) }) })
  return {
    field: h('span', { class: 'wsl-field wsl-wide' }, h('span', {}, label), input, shown),
    draw(/** @type {boolean} */ busy) {
      input.disabled = busy
      input.value = String(model.get(trait))
      input.setAttribute('aria-valuetext', written(model.get(trait)))
      shown.textContent = written(model.get(trait))
    },
  }
}

/** The marks of one lane at a time. @param {Lane} lane @param {number} time @param {number} span */
function marks(lane, time, span) {
  const at = (/** @type {number} */ moment) => `${(100 * moment / span).toFixed(2)}%`
  return lane.dots.filter(([, happened]) => happened <= time).flatMap(([number, happened, arrived]) => {
    const here = Math.min(arrived, time)
    const together = arrived > time ? 1 : lane.dots.filter((other) => Math.abs(other[2] - arrived) < TOGETHER).length
    return [
      h('i', { class: 'wsl-late', style: `left: ${at(happened)}; width: ${at(here - happened)}` }),
      h('i', { class: `wsl-arrived${arrived > time ? ' wsl-away' : ''}`, style: `left: ${at(here)}`, title: `event ${number}: ${((arrived - happened) * 1000).toFixed(1)} ms` }, together > 1 ? together : null),
    ]
  })
}

/** When something happens that can be seen: the ends of moments that lie close together. @param {Lane[]} lanes */
function stopsOf(lanes) {
  const moments = lanes.flatMap((lane) => lane.dots.flatMap(([, happened, arrived]) => [happened, arrived])).sort((a, b) => a - b)
  const stops = /** @type {number[]} */ ([])
  let from = -Infinity
  for (const moment of moments) {
    if (moment - from < TOGETHER) stops[stops.length - 1] = moment
    else { stops.push(moment); from = moment }
  }
  return stops
}

/** @param {{ model: any, el: HTMLElement }} context */
function render({ model, el }) {
  const box = card(el, 'Race')
  let time = Infinity
  const lanes = () => /** @type {Lane[]} */ (model.get('lanes'))
  const span = () => /** @type {number} */ (model.get('span'))
  const go = (/** @type {number} */ to) => { time = Math.max(0, to); draw() }
  const after = () => stopsOf(lanes()).find((stop) => stop > time) ?? Infinity
  const before = () => stopsOf(lanes()).findLast((stop, at, all) => stop < Math.min(time, all[all.length - 1])) ?? 0
  const rewind = () => { if (time >= span()) time = 0 }
  const playing = player(() => { go(still() ? after() : time + TICK * SLOWER); return time < span() }, () => (still() ? A_STEP : TICK), () => draw())
  const halt = (/** @type {() => void} */ act) => () => { playing.stop(); act() }

  const start = button('▶ race', halt(() => { time = Infinity; tell(model, { wanted: model.get('wanted') + 1 }) }))
  const replay = button('▶ replay', () => { if (!playing.playing()) rewind(); playing.toggle() })
  const back = button('◂', halt(() => go(before())), { name: 'Back to the event before' })
  const next = button('step ▸', halt(() => { rewind(); go(after()) }), { title: 'On to where the next thing happens' })
  box.tools.append(start, replay, back, next)

  const sliders = SLIDERS.map((slider) => numberSlider(model, slider))
  const hint = h('span', { class: 'wsl-hint wsl-problem' })
  const race = h('div', { class: 'wsl-race' })
  const clock = h('input', { type: 'range', min: 0, max: 1000, 'aria-label': 'Time', oninput: halt(() => go(Number(clock.value) / 1000 * span())) })
  const where = h('span', { class: 'wsl-mono' })
  box.body.append(
    h('div', { class: 'wsl-edit wsl-race-next', role: 'group', 'aria-label': 'The next race' }, ...sliders.map((slider) => slider.field), hint),
    race, h('div', { class: 'wsl-race-time' }, labelled('time', clock), where))

  let said = ''
  const draw = () => {
    const busy = model.get('running')
    const empty = lanes().every((lane) => lane.dots.length === 0)
    const all = time >= span()
    start.disabled = busy
    start.textContent = busy ? '… racing' : '▶ race'
    for (const control of [replay, back, next, clock]) control.disabled = busy || empty
    replay.textContent = playing.playing() ? '❚❚ pause' : '▶ replay'
    for (const slider of sliders) slider.draw(busy)
    hint.textContent = model.get('problem') && `✗ ${model.get('problem')}`
    clock.value = String(all ? 1000 : Math.round(time / span() * 1000))
    const now = Math.min(time, span()).toFixed(2)
    where.textContent = empty ? '' : `${now} s`
    clock.setAttribute('aria-valuetext', `${all ? 'the end, ' : ''}${now} seconds`)
    race.replaceChildren(...lanes().map((lane) => {
      const there = lane.dots.filter(([, , arrived]) => arrived <= time).length
      const told = all ? lane.told : `${there} of ${lane.dots.length} events are here`
      return h('div', { class: `wsl-lane wsl-${lane.hue}` }, h('b', {}, lane.name),
        h('div', { class: 'wsl-track', role: 'img', 'aria-label': `${lane.name}: ${there} events at the first client` },
          ...marks(lane, time, span()), all ? null : h('i', { class: 'wsl-at', style: `left: ${(100 * time / span()).toFixed(2)}%` })),
        h('span', { class: 'wsl-told' }, told))
    }))
    const verdict = model.get('verdict')
    box.say(verdict)
    const heard = model.get('problem') || `${verdict.verdict}. ${verdict.text}`
    if (said && heard !== said) box.announce(heard)
    said = heard
  }
  const end = follow(model, ['rate', 'interval', 'clients', 'running', 'lanes', 'span', 'verdict', 'problem'], draw)
  return () => { playing.stop(); end() }
}

export default { render: whileAlive(render) }
