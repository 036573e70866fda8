// StateView: the state machine, drawn from the table that Python sends; and the closing handshake, move by move.

/** @typedef {{from: string, step: string, to: string}} Change */
/** @typedef {{state: string, sent: string, received: string, order: string, code: number, meaning: string}} Side */
/** @typedef {{title: string, text: string, way: string, wire: string, frame: string, lost: boolean, client: Side, server: Side}} Move */

const SECONDS_A_MOVE = 1.6
const LINE = 16 // pixels between lines of text

/** A step's name as a label. @param {string} name */
const inWords = (name) => name.toLowerCase().replaceAll('_', ' ').replace('tcp', 'TCP')

/** What lights up an arrow, its label and its button. @param {Change} change */
const fieldOf = (change) => `${change.from}:${change.step}`

/** Put changes between the same two states together. @param {Change[]} table @returns {Change[][]} */
function arrows(table) {
  const together = new Map()
  for (const change of table) {
    const key = `${change.from} ${change.to}`
    together.set(key, [...(together.get(key) ?? []), change])
  }
  return [...together.values()]
}

/** The labels of one arrow, in one line. @param {Change[]} changes @param {Record<string, unknown>} at */
function labelLine(changes, at) {
  return h('svg:text', at, ...changes.flatMap((change, number) => [
    ...(number ? [h('svg:tspan', {}, ' · ')] : []), h('svg:tspan', { class: 'wsl-label', 'data-f': fieldOf(change) }, inWords(change.step))]))
}

/**
 * Where things stand: in a row, or, where it is narrow, one below the other. "Along" is the way from one
 * state to the next, "across" is to the right of it, as one walks.
 * @param {boolean} tall
 */
function layout(tall) {
  const [half, thick, gap, start, middle] = tall ? [21, 64, 124, 30, 190] : [67, 22, 238, 80, 84]
  return {
    tall, half, thick,
    /** @param {number} index of a state */
    along: (index) => start + index * gap,
    /** @param {number} along @param {number} across @returns {[number, number]} */
    point: (along, across) => (tall ? [middle - across, along] : [along, middle + across]),
    /** @param {number} count of states */
    size: (count) => (tall ? [390, start * 2 + (count - 1) * gap] : [start * 2 + (count - 1) * gap, middle + thick + (count - 1) * 56 - 44]),
  }
}

/** The head of an arrow. @param {[number, number]} tip @param {[number, number]} way where it points, of length 1 */
function arrowHead([x, y], [dx, dy]) {
  const at = (/** @type {number} */ back, /** @type {number} */ side) => `${x - back * dx - side * dy},${y - back * dy + side * dx}`
  return h('svg:polygon', { points: `${at(0, 0)} ${at(10, 5)} ${at(10, -5)}` })
}

/**
 * One arrow with its labels.
 * @param {Change[]} changes @param {number} from @param {number} to @param {ReturnType<typeof layout>} place
 */
function arrow(changes, from, to, place) {
  const { tall, half, thick, point } = place
  const [a, b] = [place.along(from), place.along(to)]
  const distance = to - from
  const text = []
  let path, tip, way
  if (distance === 0) {
    const out = tall ? 34 : 40
    path = [point(a - 14, -thick), point(a - 30, -thick - out), point(a + 30, -thick - out), point(a + 14, -thick)]
    tip = path[3]
    way = tall ? [-1, 0] : [0, 1]
    const [x, y] = point(a, -thick - out * 0.75)
    if (tall) changes.forEach((change, at) => text.push(labelLine([change], { x: x + 8, y: y + 5 + (at - (changes.length - 1) / 2) * LINE })))
    else text.push(labelLine(changes, { x, y: y - 7, 'text-anchor': 'middle' }))
  } else if (distance === 1) {
    path = [point(a + half, 0), point(a + half, 0), point(b - half, 0), point(b - half, 0)]
    tip = path[3]
    way = tall ? [0, 1] : [1, 0]
    const [x, y] = point((a + b) / 2, 0)
    changes.forEach((change, at) => text.push(labelLine([change], tall
      ? { x: x + 12, y: y + 4 + (at - (changes.length - 1) / 2) * LINE }
      : { x: x - 3, y: y - 9 - (changes.length - 1 - at) * LINE, 'text-anchor': 'middle' })))
  } else {
    const out = tall ? distance * 42 - 32 : distance * 56 - 50
    const [leave, arrive] = tall ? [a + 4, b - 14 + 9 * distance - 18] : [a + 16, b + (distance - 2.5) * 32]
    path = [point(leave, thick), point(leave + 6, thick + out / 0.75), point(arrive - 6, thick + out / 0.75), point(arrive, thick)]
    tip = path[3]
    way = tall ? [1, 0] : [0, -1]
    const [x, y] = point((leave + arrive) / 2, thick + out)
    text.push(labelLine(changes, tall
      ? { x: 0, y: 0, 'text-anchor': 'middle', transform: `translate(${x - 7} ${y}) rotate(-90)` }
      : { x, y: y - 7, 'text-anchor': 'middle' }))
  }
  const [one, two, three, four] = path.map((each) => each.join(' '))
  return h('svg:g', { class: 'wsl-change', 'data-f': changes.map(fieldOf).join(' ') },
    h('svg:path', { d: `M ${one} C ${two}, ${three}, ${four}` }), arrowHead(tip, /** @type {[number, number]} */ (way)), ...text)
}

/**
 * The whole machine.
 * @param {string[]} states @param {Change[]} table @param {Map<string, string>} lit the present states, and what to say there
 * @param {string} taken the field of the step that was taken last @param {boolean} tall
 */
function machine(states, table, lit, taken, tall) {
  const place = layout(tall)
  const [width, height] = place.size(states.length)
  const [w, t] = tall ? [place.thick, place.half] : [place.half, place.thick]
  const label = `The states and the steps between them. Now: ${[...lit].map(([state, note]) => `${state} (${note})`).join(', ')}.`
  const drawn = arrows(table).map((changes) => arrow(changes, states.indexOf(changes[0].from), states.indexOf(changes[0].to), place))
  for (const each of drawn) each.classList.toggle('wsl-taken', each.dataset.f.split(' ').includes(taken))
  return h('svg:svg', { class: `wsl-machine ${tall ? 'wsl-tall' : 'wsl-row'}`, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label },
    ...drawn, ...states.map((state, index) => {
      const [x, y] = place.point(place.along(index), 0)
      const note = lit.get(state)
      return h('svg:g', { class: `wsl-node${note ? ' wsl-opcode wsl-present' : ''}` },
        h('svg:rect', { x: x - w, y: y - t, width: 2 * w, height: 2 * t, rx: 7 }),
        h('svg:text', { x, y: y + (note ? -1 : 5), 'text-anchor': 'middle' }, state),
        note ? h('svg:text', { class: 'wsl-note', x, y: y + 14, 'text-anchor': 'middle' }, `▸ ${note}`) : null)
    }))
}

/** @param {any} model */
function historyTable(model) {
  const rows = model.get('history').map((taken, at) => h('tr', { class: taken.problem ? 'wsl-fault' : 'wsl-flags', 'data-f': `${taken.from}:${taken.step}` },
    h('th', { scope: 'row' }, `${at + 1}`), h('td', { class: 'wsl-v' }, taken.problem ? `✗ ${inWords(taken.step)}` : inWords(taken.step)),
    h('td', { class: 'wsl-m' }, taken.problem || `${taken.from} → ${taken.to}`)))
  return rows.length ? h('table', { class: 'wsl-words', 'aria-label': 'History' },
    h('thead', { class: 'wsl-unseen' }, h('tr', {}, ...['number', 'step', 'states'].map((name) => h('th', { scope: 'col' }, name)))), h('tbody', {}, ...rows))
    : h('p', { class: 'wsl-name' }, 'No step yet.')
}

/** @param {Move} move @param {number} number @param {number} at the present one */
function moveRow(move, number, at) {
  const kind = move.lost ? 'fault' : move.wire ? 'opcode' : 'flags'
  const bytes = move.wire ? h('span', { class: 'wsl-wire-bytes' }, `${move.wire}${move.lost ? ' ✗ lost' : ''}`) : null
  const said = [h('b', {}, move.title), ...(move.frame ? [` · ${move.frame}`] : []), bytes]
  const middle = move.way === '✂'
    ? h('td', { class: 'wsl-switch' }, '✂ ', ...said)
    : h('td', {}, h('div', { class: `wsl-arrow wsl-${kind}${move.way === '←' ? ' wsl-back' : move.way ? '' : ' wsl-quiet'}` }, ...said, ...(move.way ? [h('i')] : [])))
  return h('tr', { class: number > at ? 'wsl-later' : number === at ? 'wsl-now' : '', 'aria-current': number === at ? 'step' : null },
    h('td', { class: 'wsl-t' }, move.client.state), middle, h('td', { class: 'wsl-t' }, move.server.state))
}

/** Both sides in columns. @param {Move} move */
function bothSides(move) {
  const row = (/** @type {string} */ name, /** @type {(side: Side) => string} */ value, kind = 'wsl-v') => h('tr', {}, h('th', { scope: 'row' }, name),
    ...[move.client, move.server].map((side) => h('td', { class: kind }, value(side))))
  return h('table', { class: 'wsl-sides' }, h('thead', {}, h('tr', {}, h('td'), h('th', { scope: 'col' }, 'client'), h('th', { scope: 'col' }, 'server'))), h('tbody', {},
    row('state', (side) => side.state), row('close sent', (side) => side.sent), row('close received', (side) => side.received),
    row('its close frame', (side) => side.order), row('Close Code, §7.1.5', (side) => String(side.code || '–')), row('which means', (side) => side.meaning, '')))
}

/** The step buttons, and what was done with them. @param {any} model */
function stepsPart(model) {
  const steps = h('div', { class: 'wsl-choices', role: 'group', 'aria-label': 'Steps' })
  const history = h('div', { class: 'wsl-history', role: 'region', 'aria-label': 'History', tabindex: 0 })
  const side = h('div')
  const part = h('div', { class: 'wsl-part wsl-bare' }, side, steps, h('p', { class: 'wsl-hint wsl-problem' }), history)
  return {
    part,
    draw() {
      const [live, state, table] = [model.get('is_live'), model.get('state'), model.get('table')]
      const focused = /** @type {HTMLElement} */ (document.activeElement)?.dataset?.step
      steps.hidden = live
      steps.replaceChildren(...(live ? [] : model.get('steps').map((step) => {
        const to = table.find((change) => change.from === state && change.step === step.name)?.to
        return h('button', { type: 'button', 'data-step': step.name, 'data-f': `${state}:${step.name}`, 'aria-disabled': String(!step.allowed),
          onclick: () => tell(model, { asked: [step.name, model.get('turn')] }) },
        h('b', {}, inWords(step.name)), h('small', {}, `${step.value} ${to ? `→ ${to}` : `✗ not while ${state}`}`))
      })))
      if (focused && part.isConnected && !part.contains(document.activeElement)) /** @type {HTMLElement} */ (steps.querySelector(`[data-step="${focused}"]`))?.focus()
      side.hidden = !live
      side.replaceChildren(...(live ? [wordTable('This connection', model.get('side'))] : []))
      part.querySelector('.wsl-problem').textContent = model.get('problem') && `✗ ${model.get('problem')}`
      history.replaceChildren(historyTable(model))
      history.scrollTop = history.scrollHeight
    },
  }
}

/** The closing handshake. @param {any} model @param {() => void} stop */
function closingPart(model, stop) {
  const options = Object.entries(model.get('scenarios')).map(([key, name]) => [key, button(name, () => { stop(); tell(model, { scenario: key }) })])
  const code = typedField(model, 'code', { size: 5, inputmode: 'numeric' })
  const reason = typedField(model, 'reason', { placeholder: 'none' })
  const hint = h('span', { class: 'wsl-hint wsl-problem' })
  const lanes = h('tbody')
  const sides = h('div')
  const text = h('p', { class: 'wsl-says' })
  const part = h('div', { class: 'wsl-part wsl-bare' },
    h('div', { class: 'wsl-edit' }, h('span', { class: 'wsl-run', role: 'group', 'aria-label': 'Who closes' }, ...options.map(([, each]) => each)),
      labelled('code', code), h('span', { class: 'wsl-field wsl-reason' }, labelled('reason', reason)), hint),
    h('table', { class: 'wsl-lanes', 'aria-label': 'The closing handshake' }, h('thead', {}, h('tr', {}, h('th', { class: 'wsl-t', scope: 'col' }, 'client'), h('td'), h('th', { class: 'wsl-t', scope: 'col' }, 'server'))), lanes),
    text, sides)
  return {
    part,
    draw() {
      const [moves, at] = [/** @type {Move[]} */ (model.get('moves')), model.get('at')]
      for (const [key, each] of options) press(each, key === model.get('scenario'))
      put(code, model.get('code'))
      put(reason, model.get('reason'))
      hint.textContent = model.get('problem') && `✗ ${model.get('problem')}`
      lanes.replaceChildren(...moves.slice(1).map((move, number) => moveRow(move, number + 1, at)))
      text.replaceChildren(h('b', {}, `${moves[at].title}. `), moves[at].text)
      sides.replaceChildren(bothSides(moves[at]))
    },
  }
}

/** @param {{ model: any, el: HTMLElement }} context */
function render({ model, el }) {
  const box = card(el, 'States')
  const last = () => model.get('moves').length - 1
  const go = (/** @type {number} */ at) => { tell(model, { at: Math.min(Math.max(at, 0), last()) }); return model.get('at') < last() }
  const playing = player(() => go(model.get('at') + 1), () => SECONDS_A_MOVE, () => draw())
  const own = model.get('is_live') ? 'live' : 'steps'
  const byHand = button(own, () => { playing.stop(); tell(model, { mode: own }) })
  const closing = button('closing handshake', () => tell(model, { mode: 'closing' }))
  const reset = button('reset', () => tell(model, { asked: ['reset', model.get('turn')] }))
  const begin = button('|◂', () => { playing.stop(); go(0) }, { name: 'Back to the start' })
  const back = button('◂', () => { playing.stop(); go(model.get('at') - 1) }, { name: 'Step back' })
  const play = button('▶ play', () => { if (!playing.playing() && model.get('at') >= last()) go(0); playing.toggle() })
  const next = button('step ▸', () => { playing.stop(); go(model.get('at') + 1) })
  box.tools.append(reset, begin, back, play, next, h('span', { class: 'wsl-run', role: 'group', 'aria-label': 'Show' }, byHand, closing))
  const picture = h('div', { class: 'wsl-machines' })
  const steps = stepsPart(model)
  const handshake = closingPart(model, playing.stop)
  box.body.append(picture, steps.part, handshake.part)
  linkFields(box.root)

  let said = ''
  const draw = () => {
    const isClosing = model.get('mode') === 'closing'
    const [moves, at] = [/** @type {Move[]} */ (model.get('moves')), model.get('at')]
    for (const each of [begin, back, play, next, handshake.part]) each.hidden = !isClosing
    steps.part.hidden = isClosing
    reset.hidden = isClosing || own === 'live'
    press(byHand, !isClosing)
    press(closing, isClosing)
    begin.disabled = back.disabled = at === 0
    next.disabled = at === last()
    play.textContent = playing.playing() ? '❚❚ pause' : '▶ play'
    const lit = new Map()
    if (isClosing) for (const side of ['client', 'server']) lit.set(moves[at][side].state, [lit.get(moves[at][side].state), side].filter(Boolean).join(' + '))
    else lit.set(model.get('state'), 'now')
    const done = model.get('history').at(-1)
    const taken = !isClosing && done && !done.problem ? `${done.from}:${done.step}` : ''
    picture.replaceChildren(...[false, true].map((tall) => machine(model.get('states'), model.get('table'), lit, taken, tall)))
    steps.draw()
    handshake.draw()
    const verdict = model.get('verdict')
    box.say(verdict)
    const heard = model.get('problem') || (isClosing ? `${moves[at].title}. ${moves[at].text}` : `${verdict.verdict}: ${verdict.text}`)
    if (said && heard !== said) box.announce(heard)
    said = heard
    relight(box.root)
  }
  const end = follow(model, ['mode', 'state', 'steps', 'turn', 'history', 'side', 'scenario', 'code', 'reason', 'at', 'moves', 'verdict', 'problem'], draw)
  return () => { playing.stop(); end() }
}

export default { render: whileAlive(render) }
