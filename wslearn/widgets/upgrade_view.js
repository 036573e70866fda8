// UpgradeView: a player of steps. What the steps are, and what is refused, says Python.

/** @typedef {{name: string, value: string, meaning: string, section: string, kind: string, mark: string}} Row */
/** @typedef {{way: string, kind: string, when: string, size: string, step: number, parts: [number, string][]}} Lane */

const PACE = 1100 // milliseconds a step
const PATIENCE = 4000 // milliseconds for a connection, and for its echo

/** @param {Lane} lane @param {number} step @param {boolean} fresh whether this step adds to it */
function laneRow(lane, step, fresh) {
  const seen = lane.step <= step
  const text = lane.parts.filter(([from]) => from <= step).map(([, piece]) => piece).join('')
  const state = `${seen ? '' : ' wsl-unsent'}${fresh ? ' wsl-fresh' : ''}`
  if (lane.way === 'switch' || lane.way === 'end') {
    return h('tr', { class: state }, h('td', { class: `wsl-switch wsl-${lane.kind}`, colspan: 3 }, `${lane.way === 'end' ? '✗ ' : ''}${lane.parts[0][1]}`))
  }
  // What is not sent yet keeps its place: nothing jumps from step to step.
  return h('tr', { class: state }, h('td', { class: 'wsl-t' }, lane.when),
    h('td', {}, h('div', { class: `wsl-arrow wsl-${lane.kind}${lane.way === '←' ? ' wsl-back' : ''}` },
      h('span', { class: 'wsl-unseen' }, `${lane.way} `), seen ? text : lane.parts[0][1], h('i'))),
    h('td', { class: 'wsl-t' }, lane.parts.at(-1)[0] <= step || lane.way === '←' ? lane.size : ''))
}

/** The lanes. @param {any} model */
function lanesTable(model) {
  const body = h('tbody')
  const table = h('table', { class: 'wsl-lanes', 'aria-label': 'What crosses the connection' }, body)
  return {
    table,
    draw() {
      const lanes = /** @type {Lane[]} */ (model.get('lanes'))
      const step = model.get('step')
      table.hidden = !lanes.length
      body.replaceChildren(h('tr', {}, h('th', { class: 'wsl-t', scope: 'col' }, model.get('who')), h('td'), h('th', { class: 'wsl-t', scope: 'col' }, 'server')),
        ...lanes.map((lane) => laneRow(lane, step, lane.parts.some(([from]) => from === step))))
    },
  }
}

/** @param {string} mark @param {string} name */
const named = (mark, name) => `${mark} ${name}`.trim()

/**
 * The request, to be edited: kept while its shape stays, so that the focus stays too.
 * @param {any} model
 */
function requestEditor(model) {
  const body = h('tbody')
  const table = h('table', { class: 'wsl-words wsl-request', 'aria-label': 'The request, to be edited' }, wordsHead(), body)
  const more = button('+ header', () => {
    tell(model, { fields: [...model.get('fields'), ['', '']] })
    draw()
    body.querySelector('tr:nth-last-child(2) .wsl-in-name')?.focus()
  }, { name: 'Add a header' })
  const answer = h('pre', { class: 'wsl-answer', tabindex: 0, 'aria-label': 'The answer of the server' })
  const box = h('div', { class: 'wsl-editor' }, table, h('div', {}, more), h('div', { class: 'wsl-name' }, 'what the server answers'), answer)
  let shape = -1
  const told = () => /** @type {[string, string][]} */ (model.get('fields').map((pair) => [...pair]))
  const typed = (/** @type {string} */ kind, /** @type {string} */ label, /** @type {(text: string) => void} */ change) => {
    const input = h('input', { class: `wsl-code wsl-in-${kind}`, type: 'text', spellcheck: 'false', autocomplete: 'off', 'aria-label': label,
      oninput: () => change(input.value.toWellFormed?.() ?? input.value), onblur: () => draw() })
    return input
  }
  const line = (/** @type {HTMLElement} */ first, /** @type {Node[]} */ value) => h('tr', {},
    h('th', { scope: 'row' }, first), h('td', { class: 'wsl-v' }, h('div', { class: 'wsl-pair' }, ...value)), h('td', { class: 'wsl-m' }), h('td', { class: 'wsl-s' }))
  const build = (/** @type {number} */ count) => {
    shape = count
    const set = (/** @type {number} */ at, /** @type {number} */ side) => (/** @type {string} */ text) => {
      const fields = told()
      fields[at][side] = text
      tell(model, { fields })
    }
    const drop = (/** @type {number} */ at) => {
      tell(model, { fields: told().filter((_, number) => number !== at) })
      draw()
      const all = body.querySelectorAll('.wsl-drop')
      ;(all[Math.min(at, all.length - 1)] ?? more).focus()
    }
    body.replaceChildren(line(h('span', {}, 'request line'), [typed('line', 'Request line', (request_line) => tell(model, { request_line }))]),
      ...Array.from({ length: count }, (_, at) => line(typed('name', `Name of header ${at + 1}`, set(at, 0)),
        [typed('value', `Value of header ${at + 1}`, set(at, 1)), h('button', { type: 'button', class: 'wsl-drop', onclick: () => drop(at) }, '✕')])),
      line(h('span', {}, 'the empty line'), []))
  }
  const draw = () => {
    const fields = told()
    if (fields.length !== shape) build(fields.length)
    const chapter = model.get('chapters').findIndex((each) => each.id === 'request')
    const rows = /** @type {Row[]} */ (model.get('chapters')[chapter]?.rows ?? [])
    const here = model.get('steps')[model.get('step')]
    let row = 0
    const lines = /** @type {HTMLElement[]} */ ([...body.children])
    lines.forEach((tr, at) => {
      const pair = fields[at - 1]
      const empty = pair && !pair[0] && !pair[1]
      const shown = empty ? undefined : at === lines.length - 1 ? rows.at(-1) : rows[row]
      mark(tr, shown, here?.chapter === chapter && !empty ? row - here.row : here && here.chapter < chapter ? 1 : -1)
      if (at === lines.length - 1) tr.querySelector('th').textContent = named(shown?.mark ?? '', 'the empty line')
      tr.querySelector('.wsl-m').textContent = shown?.meaning ?? ''
      tr.querySelector('.wsl-s').textContent = shown?.section ?? ''
      if (at === 0) put(tr.querySelector('input'), model.get('request_line'))
      if (pair) {
        put(tr.querySelector('.wsl-in-name'), pair[0])
        put(tr.querySelector('.wsl-in-value'), pair[1])
        tr.querySelector('.wsl-drop').setAttribute('aria-label', `Remove ${pair[0] || 'this header'}`)
        for (const input of tr.querySelectorAll('input')) input.setAttribute('aria-invalid', String(shown?.mark === '✗'))
      }
      if (!empty) row += 1
    })
    answer.textContent = model.get('answer')
  }
  return { box, draw }
}

/** Say where a row stands: behind the step, at it, or before it. @param {HTMLElement} tr @param {Row | undefined} row @param {number} ahead */
function mark(tr, row, ahead) {
  tr.className = `wsl-${row?.kind ?? 'flags'}${ahead > 0 ? ' wsl-ahead' : ''}${ahead === 0 ? ' wsl-lit' : ''}`
  if (ahead === 0) tr.setAttribute('aria-current', 'step')
  else tr.removeAttribute('aria-current')
}

const wordsHead = () => h('thead', { class: 'wsl-unseen' }, h('tr', {}, ...['field', 'value', 'meaning', 'section'].map((name) => h('th', { scope: 'col' }, name))))

/** The rows of a chapter. @param {any} model */
function chapterTable(model) {
  const body = h('tbody')
  const table = h('table', { class: 'wsl-words' }, wordsHead(), body)
  const part = h('div', { class: 'wsl-name' })
  return {
    table, part,
    draw() {
      const here = model.get('steps')[model.get('step')]
      const chapter = here && model.get('chapters')[here.chapter]
      part.hidden = !chapter?.part
      table.hidden = !chapter
      if (!chapter) return
      part.textContent = chapter.part
      table.classList.toggle('wsl-wide-values', chapter.id === 'key')
      table.setAttribute('aria-label', chapter.part || chapter.title)
      body.replaceChildren(...chapter.rows.map((/** @type {Row} */ row, /** @type {number} */ number) => {
        const tr = h('tr', {}, h('th', { scope: 'row' }, named(row.mark, row.name)), h('td', { class: 'wsl-v' }, row.value),
          h('td', { class: 'wsl-m' }, row.meaning), h('td', { class: 'wsl-s' }, row.section))
        mark(tr, row, here.row < 0 ? -1 : number - here.row)
        return tr
      }))
    },
  }
}

/** The chapters as buttons; those of the same name are one. @param {any} model */
function chapterButtons(model) {
  const box = h('div', { class: 'wsl-chapters', role: 'group', 'aria-label': 'Chapters' })
  return {
    box,
    draw() {
      const chapters = model.get('chapters')
      const steps = model.get('steps')
      const here = chapters[steps[model.get('step')]?.chapter]?.id
      const ids = [...new Set(chapters.map((each) => each.id))]
      const first = (/** @type {string} */ id) => steps.findIndex((step) => chapters[step.chapter].id === id)
      const focused = box.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.chapter : null
      box.replaceChildren(...ids.map((id, number) => {
        const chapter = chapters.find((each) => each.id === id)
        const bad = chapter.rows.some((row) => row.mark === '✗')
        const each = button(`${number + 1} ${chapter.title}${bad ? ' ✗' : ''}`, () => tell(model, { step: first(id) }), { pressed: id === here })
        each.dataset.chapter = id
        return each
      }))
      if (focused) box.querySelector(`[data-chapter="${focused}"]`)?.focus()
    },
  }
}

/** What the practice server goes by. @param {any} model */
function practiceTools(model) {
  const option = (/** @type {[string, string]} */ [key, name]) => h('option', { value: key }, name)
  const preset = h('select', { onchange: () => tell(model, { preset: preset.value }) }, h('option', { value: '' }, 'edited by hand'),
    ...model.get('groups').map((group) => h('optgroup', { label: group.group }, ...group.presets.map(option))))
  const field = (/** @type {string} */ trait, /** @type {string} */ placeholder) => {
    const input = h('input', { class: 'wsl-code', type: 'text', spellcheck: 'false', autocomplete: 'off', placeholder,
      oninput: () => tell(model, { [trait]: input.value.toWellFormed?.() ?? input.value }) })
    return input
  }
  const origins = field('origins', 'every page')
  const subprotocols = field('subprotocols', 'none')
  return {
    box: h('div', { class: 'wsl-options' }, labelled('handshake', preset), labelled('server lets in', origins), labelled('subprotocols', subprotocols)),
    draw() {
      put(preset, model.get('preset'))
      put(origins, model.get('origins'))
      put(subprotocols, model.get('subprotocols'))
    },
  }
}

/**
 * The browser's own WebSocket: asked for here, opened when Python says where to, closed at the end.
 * @param {any} model
 */
function liveTools(model) {
  /** @type {Set<() => void>} */
  const ends = new Set()
  /** @type {WebSocket | null} */
  let open = null
  let number = ''
  let ended = false
  const hang_up = () => { open?.close(1000); open = null }
  const ask = (/** @type {string} */ by) => {
    hang_up()
    number = `${Date.now()} ${Math.random()}`
    tell(model, { mode: 'live', asked: { n: number, by, origin: location.origin } })
  }
  const enter = async () => {
    const door = model.get('door')
    if (door.n !== number || !door.url) return
    number = ''
    const urls = reachable(door.url)
    const found = await knock(urls, ends, PATIENCE)
    if (ended) { found?.socket.close(); return }
    if (found) {
      open = found.socket
      await new Promise((settle) => {
        const end = () => { clearTimeout(timer); ends.delete(end); settle(null) }
        const timer = setTimeout(end, PATIENCE)
        ends.add(end)
        open.onmessage = end
        open.onclose = end
        open.send('Hello')
      })
    }
    if (!ended) tell(model, { came: { n: door.n, direct: found?.url === door.url } })
  }
  model.on('change:door', enter)
  const again = button('connect', () => ask('browser'), { title: 'This browser opens a WebSocket of its own and sends Hello' })
  const kernel = button('from the kernel', () => ask('kernel'), { title: 'Python’s client connects instead' })
  const said = h('span', { class: 'wsl-name' })
  const SAID = { idle: 'Not connected yet.', waiting: 'Connecting …', unreachable: 'Not reachable from this page.' }
  const BY = { browser: 'What this browser sent and got, as the tap recorded it.', kernel: 'What Python’s client sent and got.',
    proxy: 'Through jupyter-server-proxy: these are the proxy’s own bytes, not the browser’s.' }
  return {
    ask,
    box: h('div', { class: 'wsl-options' }, again, kernel, said),
    draw() {
      const situation = model.get('situation')
      again.textContent = situation === 'seen' ? 'connect again' : 'connect'
      said.textContent = situation === 'seen' ? BY[model.get('who')] ?? '' : SAID[situation]
    },
    end() {
      ended = true
      model.off('change:door', enter)
      hang_up()
      for (const end of [...ends]) end()
    },
  }
}

/** @param {any} model */
function playerTools(model) {
  let timer = 0
  const last = () => model.get('steps').length - 1
  const go = (/** @type {number} */ step) => tell(model, { step: Math.max(0, Math.min(last(), step)) })
  const halt = () => { clearInterval(timer); timer = 0; draw() }
  const play = button('▶ play', () => {
    if (timer) { halt(); return }
    if (model.get('step') >= last()) go(0)
    timer = setInterval(() => { if (model.get('step') < last()) go(model.get('step') + 1); else halt() }, PACE)
    draw()
  })
  const back = button('◀', () => { halt(); go(model.get('step') - 1) }, { name: 'One step back' })
  const on = button('step ▸', () => { halt(); go(model.get('step') + 1) }, { name: 'One step on' })
  const count = h('span', { class: 'wsl-mono wsl-count' })
  const draw = () => {
    play.textContent = timer ? '❚❚ pause' : '▶ play'
    count.textContent = last() < 0 ? '' : `step ${model.get('step') + 1} of ${last() + 1}`
    play.disabled = last() < 1
    back.disabled = model.get('step') <= 0
    on.disabled = model.get('step') >= last()
  }
  const keys = (/** @type {KeyboardEvent} */ event) => {
    const to = { ArrowRight: model.get('step') + 1, ArrowLeft: model.get('step') - 1, Home: 0, End: last() }[event.key]
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey || /** @type {Element} */ (event.target).matches('input, select, textarea, pre')) return
    event.preventDefault()
    event.stopPropagation()
    halt()
    go(to)
  }
  return { tools: [back, play, on, count], draw, keys, halt }
}

/** @param {{ model: any, el: HTMLElement }} context */
function render({ model, el }) {
  const box = card(el, 'From HTTP to WebSocket')
  box.root.classList.add('wsl-upgrade')
  box.root.dataset.lmSuppressShortcuts = 'true' // JupyterLab would take the arrows for its own
  const live = liveTools(model)
  const practice = practiceTools(model)
  const lanes = lanesTable(model)
  const chapters = chapterButtons(model)
  const table = chapterTable(model)
  const editor = requestEditor(model)
  const player = playerTools(model)
  const modes = {
    practice: button('practice', () => tell(model, { mode: 'practice' }), { pressed: true }),
    live: button('live: this browser', () => { if (model.get('situation') === 'idle') live.ask('browser'); else tell(model, { mode: 'live' }) }, { pressed: false }),
  }
  const problem = h('div', { class: 'wsl-hint wsl-problem' })
  box.tools.append(...player.tools, h('span', { class: 'wsl-modes' }, modes.practice, modes.live))
  box.body.append(practice.box, live.box, problem, lanes.table, chapters.box, table.part, table.table, editor.box)
  box.root.addEventListener('keydown', player.keys)

  let heard = ''
  let at = model.get('step')
  const draw = () => {
    const mode = model.get('mode')
    const step = model.get('steps')[model.get('step')]
    const editing = mode === 'practice' && model.get('chapters')[step?.chapter]?.id === 'request'
    for (const [name, each] of Object.entries(modes)) press(each, name === mode)
    practice.box.hidden = mode !== 'practice'
    live.box.hidden = mode !== 'live'
    for (const part of [practice, live, lanes, chapters, table, editor, player]) part.draw()
    chapters.box.hidden = !step
    editor.box.hidden = !editing
    if (editing) table.table.hidden = true
    problem.textContent = model.get('problem') && `✗ ${model.get('problem')}`
    const verdict = model.get('verdict')
    box.say(verdict)
    const now = model.get('problem') || `${verdict.verdict}: ${verdict.text}`
    if (heard && heard !== now) box.announce(now)
    else if (step && at !== model.get('step')) box.announce(`${step.title}. ${step.text}`)
    heard = now
    at = model.get('step')
  }
  const end = follow(model, ['mode', 'step', 'preset', 'request_line', 'fields', 'origins', 'subprotocols', 'chapters', 'steps', 'lanes', 'verdict', 'answer', 'who', 'situation', 'problem'], draw)
  return () => { end(); player.halt(); live.end() }
}

export default { render: whileAlive(render) }
