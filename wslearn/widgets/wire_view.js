// WireView: a long list of arrows, of which only those in sight are here. What they say, and which there are, says Python.

/** @typedef {{n: number, time: string, way: string, kind: string, hue: string, text: string, size: string, connection: number}} Row */
/** @typedef {{first: number, rows: Row[], total: number, events: number, waiting: number, connections: string[], verdict: any}} Page */

const ROW = 40 // pixels: as the style sheet says
const SHOWN = 11 // rows in sight
const EVERY = 100 // milliseconds between two questions to the kernel

/** One arrow, or one note. @param {Row} row @param {number} at its place among all that are picked @param {{id: string, total: number, many: boolean, active: boolean, chosen: boolean}} how */
function arrow(row, at, { id, total, many, active, chosen }) {
  const note = row.kind === 'note'
  const back = row.way === '←'
  const way = note ? null : h('span', { class: 'wsl-unseen' }, back ? 'server to client: ' : 'client to server: ')
  const number = many ? h('b', { class: 'wsl-of' }, h('span', { class: 'wsl-unseen' }, 'connection '), row.connection) : null
  const text = h('span', { class: 'wsl-said', title: row.text }, row.text)
  return h('div', {
    class: `wsl-event wsl-${row.hue}${note ? ' wsl-note' : ''}${active ? ' wsl-active' : ''}`, role: 'option', id, 'data-n': row.n, 'data-at': at,
    'aria-posinset': at + 1, 'aria-setsize': total, 'aria-selected': String(chosen),
  },
  h('span', { class: 'wsl-t' }, row.time),
  h('div', { class: `wsl-arrow${back ? ' wsl-back' : ''}` }, h('div', { class: 'wsl-line' }, way, number, text), note ? null : h('i')),
  h('span', { class: 'wsl-t' }, row.size))
}

/**
 * The list: scrolled by mouse and keyboard, filled row by row from Python.
 * @param {any} model
 */
function eventList(model) {
  const name = `wsl-wire-${Math.random().toString(36).slice(2)}`
  const box = h('div', { class: 'wsl-events', role: 'presentation' })
  const all = h('div', { class: 'wsl-all', role: 'presentation' }, box)
  const list = h('div', { class: 'wsl-log', role: 'listbox', tabindex: 0, 'aria-label': 'What crossed: arrow keys move, Enter explains' }, all)
  let active = -1
  let asked = ''
  let timer = 0

  const page = () => /** @type {Page} */ (model.get('page'))
  const top = () => Math.round(list.scrollTop / ROW)
  const atEnd = () => list.scrollTop + list.clientHeight >= list.scrollHeight - 2
  const ask = () => {
    timer = 0
    const wanted = [top(), Math.max(1, Math.ceil(list.clientHeight / ROW))]
    asked = String(wanted)
    if (asked !== String(model.get('window'))) tell(model, { window: wanted })
  }
  const draw = () => {
    const { first, rows, total, connections } = page()
    active = Math.min(active, total - 1)
    all.style.height = `${Math.max(total, 1) * ROW}px`
    box.style.top = `${first * ROW}px`
    box.replaceChildren(...rows.map((row, at) => arrow(row, first + at, {
      id: `${name}-${first + at}`, total, many: connections.length > 1, active: first + at === active, chosen: row.n === model.get('selected'),
    })))
    if (model.get('follow')) list.scrollTop = list.scrollHeight
    const here = box.querySelector('.wsl-active')
    if (here) list.setAttribute('aria-activedescendant', here.id)
    else list.removeAttribute('aria-activedescendant')
  }
  const move = (/** @type {number} */ to) => {
    const { total } = page()
    if (!total) return
    active = Math.max(0, Math.min(total - 1, to))
    if (model.get('follow') && active < total - 1) tell(model, { follow: false })
    const above = active * ROW
    if (above < list.scrollTop) list.scrollTop = above
    else if (above + ROW > list.scrollTop + list.clientHeight) list.scrollTop = above + ROW - list.clientHeight
    draw()
  }
  list.addEventListener('scroll', () => {
    if (model.get('follow') && !atEnd()) tell(model, { follow: false })
    timer ||= setTimeout(ask, EVERY)
  })
  list.addEventListener('click', (event) => {
    const row = /** @type {HTMLElement} */ (event.target).closest('[role=option]')
    if (!row) return
    move(Number(row.dataset.at))
    tell(model, { selected: Number(row.dataset.n) })
  })
  list.addEventListener('keydown', (event) => {
    const { total } = page()
    const start = active < 0 ? (model.get('follow') ? total : top() - 1) : active
    const to = { ArrowDown: start + 1, ArrowUp: start - 1, PageDown: start + SHOWN, PageUp: start - SHOWN, Home: 0, End: total - 1 }[event.key]
    const row = box.querySelector('.wsl-active')
    if (to !== undefined) move(to)
    else if ((event.key === 'Enter' || event.key === ' ') && row) tell(model, { selected: Number(row.dataset.n) })
    else if (event.key === 'Escape') tell(model, { selected: -1 })
    else return
    // JupyterLab would move to another cell.
    event.preventDefault()
    event.stopPropagation()
  })
  const elsewhere = () => { if (String(model.get('window')) !== asked && !model.get('follow')) list.scrollTop = model.get('window')[0] * ROW }
  model.on('change:window', elsewhere)
  const sized = new ResizeObserver(() => { timer ||= setTimeout(ask, EVERY) })
  sized.observe(list)
  return { list, draw, end() { clearTimeout(timer); sized.disconnect(); model.off('change:window', elsewhere) } }
}

/** A select whose options stay in place while they say the same. @param {any} model @param {string} trait @param {string} label */
function chooser(model, trait, label) {
  const select = h('select', { 'aria-label': label, onchange: () => tell(model, { [trait]: typeof model.get(trait) === 'number' ? Number(select.value) : select.value }) })
  let shown = ''
  return {
    select,
    /** @param {[string | number, string][]} options */
    draw(options) {
      if (JSON.stringify(options) !== shown) select.replaceChildren(...options.map(([value, text]) => h('option', { value }, text)))
      shown = JSON.stringify(options)
      select.value = String(model.get(trait))
    },
  }
}

/** The row of filters. @param {any} model */
function filters(model) {
  const kind = chooser(model, 'kind', 'Show which kind')
  const sender = chooser(model, 'sender', 'Show which direction')
  const connection = chooser(model, 'connection', 'Show which connection')
  const search = h('input', { type: 'search', placeholder: 'find in the text', 'aria-label': 'Find in the text', oninput: () => tell(model, { search: search.value.toWellFormed?.() ?? search.value }) })
  return {
    box: h('div', { class: 'wsl-edit wsl-filters', role: 'group', 'aria-label': 'What to show' }, kind.select, sender.select, connection.select, search),
    draw() {
      kind.draw(Object.entries(model.get('kinds')))
      sender.draw([['', 'both directions'], ['client', '→ from the client'], ['server', '← from the server']])
      connection.draw([[0, 'all connections'], ...model.get('page').connections.map((/** @type {string} */ name, /** @type {number} */ at) => /** @type {[number, string]} */ ([at + 1, `connection ${name}`]))])
      put(search, model.get('search'))
    },
  }
}

/** Hand a file to the browser, once, where it was asked for. @param {any} model @param {HTMLElement} root */
function exporter(model, root) {
  let asked = false
  let url = ''
  const forget = () => { if (url) URL.revokeObjectURL(url); url = '' }
  const fetched = () => {
    const { name, data } = model.get('download')
    if (!asked || !name) return
    asked = false
    forget()
    url = URL.createObjectURL(new Blob([octets(data)], { type: name.endsWith('svg') ? 'image/svg+xml' : 'application/octet-stream' }))
    const link = h('a', { href: url, download: name, hidden: true })
    root.append(link)
    link.click()
    link.remove()
    tell(model, { wanted: '' })
  }
  model.on('change:download', fetched)
  return {
    ask(/** @type {string} */ wanted) { asked = true; tell(model, { wanted: '' }); tell(model, { wanted }) },
    end() { forget(); model.off('change:download', fetched) },
  }
}

/** The event that was opened: a FrameView of its own, or its fields in words. @param {any} model @param {() => void} leave */
function details(model, leave) {
  const title = h('strong')
  const place = h('div', { class: 'wsl-open' })
  const box = h('div', { class: 'wsl-part wsl-detail', role: 'group', 'aria-label': 'The chosen event', hidden: true },
    h('div', { class: 'wsl-edit' }, title, button('close', () => { tell(model, { selected: -1 }); leave() }, { name: 'Close the explanation' })), place)
  /** @type {any} */ let view = null
  let turn = 0
  const words = (/** @type {any} */ { spans, verdict }) => [
    spans.length ? h('table', { class: 'wsl-words', 'aria-label': 'What it means' },
      h('thead', { class: 'wsl-unseen' }, h('tr', {}, ...['field', 'value', 'meaning', 'section'].map((column) => h('th', { scope: 'col' }, column)))),
      h('tbody', {}, ...spans.map((/** @type {any} */ span) => h('tr', { class: `wsl-${span.kind}` },
        h('th', { scope: 'row' }, span.fault ? `✗ ${span.name}` : span.name),
        h('td', { class: 'wsl-v' }, span.value), h('td', { class: 'wsl-m' }, span.meaning), h('td', { class: 'wsl-s' }, span.section))))) : null,
    h('div', { class: `wsl-verdict wsl-${{ '✓': 'payload', '✗': 'fault', '–': 'flags' }[verdict.mark] ?? 'length'}` },
      h('b', {}, `${verdict.mark} ${verdict.verdict}`.trim()), h('span', { class: 'wsl-m' }, verdict.text), h('span', { class: 'wsl-s' }, verdict.note)),
  ].filter((part) => part !== null)
  const draw = async () => {
    const detail = model.get('detail')
    const mine = ++turn
    view?.remove()
    view = null
    box.hidden = detail.n === undefined
    title.textContent = detail.title ?? ''
    place.replaceChildren(...(box.hidden || detail.view ? [] : words(detail)))
    if (!detail.view) return
    try {
      const made = await model.widget_manager.create_view(await model.widget_manager.get_model(detail.view.slice('IPY_MODEL_'.length)))
      if (mine !== turn) return made.remove()
      view = made
      place.replaceChildren(made.el)
    } catch {
      // It was closed for the next one meanwhile, or this page cannot draw one widget inside another.
      if (mine === turn) place.replaceChildren(...words(detail))
    }
  }
  return { box, draw, end() { turn++; view?.remove() } }
}

function render({ model, el }) {
  const box = card(el, 'Wire')
  const events = eventList(model)
  const chosen = filters(model)
  const files = exporter(model, box.root)
  const detail = details(model, () => events.list.focus())
  const pause = button('pause', () => tell(model, { paused: !model.get('paused') }), { pressed: false })
  const newest = button('follow', () => tell(model, { follow: !model.get('follow') }), { pressed: true, title: 'Keep the newest events in sight' })
  const clear = button('clear', () => { tell(model, { cleared: model.get('cleared') + 1 }); box.announce('The list is cleared.') })
  const save = [['pcapng', 'Save as pcapng, for Wireshark'], ['svg', 'Save as a picture']].map(([kind, name]) => button(kind === 'svg' ? 'picture' : kind, () => files.ask(kind), { name, title: name }))
  box.tools.append(pause, newest, clear, ...save)
  const lanes = h('div', { class: 'wsl-lifelines' }, h('div', { class: 'wsl-ends', 'aria-hidden': 'true' }, h('b', {}, 'client'), h('b', {}, 'server')), events.list)
  box.body.append(chosen.box, lanes)
  const notice = h('div', { class: 'wsl-hint' })
  box.body.append(notice)
  box.root.querySelector('.wsl-verdict').before(detail.box)

  let said = ''
  let opened
  let told = model.get('notice')
  const draw = () => {
    const page = /** @type {Page} */ (model.get('page'))
    press(pause, model.get('paused'))
    press(newest, model.get('follow'))
    pause.textContent = model.get('paused') && page.waiting ? `pause (${page.waiting.toLocaleString('en')} wait)` : 'pause'
    chosen.draw()
    events.draw()
    if (JSON.stringify(page.verdict) !== said) box.say(page.verdict)
    said = JSON.stringify(page.verdict)
    notice.textContent = model.get('notice')
    if (model.get('notice') !== told) box.announce(told = model.get('notice'))
    if (model.get('detail') === opened) return
    opened = model.get('detail')
    detail.draw()
    if (opened.title) box.announce(`${opened.title}: explained below.`)
  }
  const traits = ['page', 'paused', 'follow', 'kind', 'sender', 'connection', 'search', 'selected', 'detail', 'notice']
  const ends = [follow(model, traits, draw), events.end, files.end, detail.end]
  return () => { for (const end of ends) end() }
}

export default { render: whileAlive(render) }
