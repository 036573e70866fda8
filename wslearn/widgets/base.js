// What every widget shares. A widget's own file follows below, defines `render`, and exports it.

/**
 * Make an element. Children are nodes or text; text stays text, whatever it holds.
 * @param {string} tag such as "button", or "svg:line"
 * @param {Record<string, unknown>} [attributes] `class`, `on…` listeners, `data-…`, `aria-…`; null and false are left out
 * @param {...(Node | string | number | null | undefined)} children
 * @returns {HTMLElement}
 */
function h(tag, attributes = {}, ...children) {
  const [space, name] = tag.includes(':') ? ['http://www.w3.org/2000/svg', tag.slice(4)] : ['http://www.w3.org/1999/xhtml', tag]
  const element = /** @type {HTMLElement} */ (document.createElementNS(space, name))
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue
    if (key.startsWith('on')) element.addEventListener(key.slice(2), /** @type {EventListener} */ (value))
    else if (key in element && ['value', 'checked', 'disabled', 'hidden', 'selected', 'readOnly'].includes(key)) element[key] = value
    else element.setAttribute(key, value === true ? '' : String(value))
  }
  for (const child of children) if (child !== null && child !== undefined) element.append(child instanceof Node ? child : String(child))
  return element
}

/** A sentence in which backticks mark code, as nodes. @param {string} text */
function prose(text) { return text.split('`').map((part, at) => (at % 2 ? h('code', {}, part) : part)) }

/**
 * The four parts of every picture: toolbar, picture, words, verdict; and a live region for screen readers.
 * @param {HTMLElement} el where the widget is drawn
 * @param {string} title
 */
function card(el, title) {
  const tools = h('div', { class: 'wsl-tools', role: 'toolbar', 'aria-label': `${title}: controls` })
  const body = h('div', { class: 'wsl-part' })
  const verdict = h('div', { class: 'wsl-verdict', hidden: true })
  const live = h('div', { class: 'wsl-unseen', role: 'status', 'aria-live': 'polite' })
  const bar = h('div', { class: 'wsl-bar' }, h('strong', {}, title), tools)
  const root = h('section', { class: 'wsl-still wsl', 'aria-label': title }, bar, body, verdict, live)
  // JupyterLab would take arrows, Enter and letters for its own commands.
  root.addEventListener('keydown', (event) => { if (!event.ctrlKey && !event.metaKey && !event.altKey && event.key !== 'Escape') event.stopPropagation() })
  el.append(root)
  return {
    root, bar, tools, body,
    /**
     * @param {{mark: string, verdict: string, text: string, note?: string}} said mark is ✓, ✗, … or –
     */
    say({ mark, verdict: word, text, note = '' }) {
      const kind = { '✓': 'payload', '✗': 'fault', '–': 'flags' }[mark] ?? 'length'
      verdict.className = `wsl-verdict wsl-${kind}`
      verdict.hidden = false
      verdict.replaceChildren(h('b', {}, `${mark} ${word}`.trim()), h('span', { class: 'wsl-m' }, text), h('span', { class: 'wsl-s' }, note))
    },
    /** @param {string} text read out once, not shown */
    announce(text) { if (live.textContent !== text) live.textContent = text },
  }
}

/**
 * @param {string} label what it says; name is what a screen reader says when that is not enough
 * @param {() => void} press
 * @param {{name?: string, pressed?: boolean, disabled?: boolean, title?: string}} [more]
 */
function button(label, press, { name, pressed, disabled, title } = {}) {
  return h('button', {
    type: 'button', onclick: press, disabled: disabled ?? false, title: title ?? null,
    'aria-label': name ?? null, 'aria-pressed': pressed === undefined ? null : String(pressed),
  }, label)
}

/** Say whether a button is pressed. @param {HTMLElement} element @param {boolean} pressed */
function press(element, pressed) { element.setAttribute('aria-pressed', String(pressed)) }

/**
 * A control with its label. @param {string} label @param {HTMLElement} control
 */
function labelled(label, control) { return h('label', { class: 'wsl-field' }, h('span', {}, label), control) }

/**
 * Light up together what belongs together: all elements whose `data-f` shares a word, on hover and on focus,
 * without asking the kernel.
 * @param {HTMLElement} root
 */
function linkFields(root) {
  const light = (/** @type {Event} */ event) => {
    const at = /** @type {Element} */ (event.target).closest?.('[data-f]')
    const wanted = new Set(at && event.type !== 'pointerleave' && event.type !== 'focusout' ? at.getAttribute('data-f').split(' ') : [])
    for (const element of root.querySelectorAll('[data-f]')) {
      element.classList.toggle('wsl-lit', element.getAttribute('data-f').split(' ').some((field) => wanted.has(field)))
    }
  }
  for (const kind of ['pointerover', 'pointerleave', 'focusin', 'focusout']) root.addEventListener(kind, light)
}

/**
 * Call `draw` now and whenever one of these traits changes, once per turn however many did.
 * @param {any} model @param {string[]} traits @param {() => void} draw
 * @returns {() => void} what ends it: call it in the clean-up that `render` returns
 */
function follow(model, traits, draw) {
  let waiting = false
  const soon = () => {
    if (waiting) return
    waiting = true
    queueMicrotask(() => { waiting = false; draw() })
  }
  for (const trait of traits) model.on(`change:${trait}`, soon)
  draw()
  return () => { for (const trait of traits) model.off(`change:${trait}`, soon) }
}

/** Set traits and send them. @param {any} model @param {Record<string, unknown>} traits */
function tell(model, traits) {
  for (const [name, value] of Object.entries(traits)) model.set(name, value)
  model.save_changes()
}

/** A bytes trait as an array. @param {any} view DataView @returns {Uint8Array} */
function octets(view) { return view ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : new Uint8Array() }

/** @param {number} octet */
const hex = (octet) => octet.toString(16).padStart(2, '0')
/** @param {number} octet */
const bits = (octet) => octet.toString(2).padStart(8, '0')
/** A byte as a printable character, or a dot. @param {number} octet */
const glyph = (octet) => (octet > 0x20 && octet < 0x7f ? String.fromCharCode(octet) : '·')

/** @param {string} text hex digits, in any grouping @returns {number[]} */
const unhex = (text) => (text.match(/[0-9a-f]{2}/g) ?? []).map((pair) => parseInt(pair, 16))

/** Show a value, unless somebody is typing there. @param {any} control @param {string} value */
function put(control, value) { if (document.activeElement !== control && control.value !== value) control.value = value }

/**
 * A field for one text trait, told to Python with each letter.
 * @param {any} model @param {string} trait @param {Record<string, unknown>} [more] attributes
 */
function typedField(model, trait, more = {}) {
  const input = /** @type {any} */ (h('input', {
    class: 'wsl-code', type: 'text', spellcheck: 'false', autocomplete: 'off', 'data-trait': trait,
    // Half of a surrogate pair could not travel back.
    oninput: () => tell(model, { [trait]: input.value.toWellFormed?.() ?? input.value }),
    onblur: () => { if (!model.get('problem')) input.value = model.get(trait) }, ...more,
  }))
  return input
}

/**
 * The fields for the traits `payload`, `form` and `key`. @param {any} model
 */
function payloadFields(model) {
  const payload = typedField(model, 'payload')
  const form = h('select', { 'aria-label': 'Payload as', onchange: () => { form.focus(); tell(model, { form: form.value }) } },
    h('option', { value: 'text' }, 'text'), h('option', { value: 'hex' }, 'hex'))
  const key = typedField(model, 'key', { size: 11, placeholder: 'not masked' })
  const fresh = button('fresh', () => tell(model, { key: [...crypto.getRandomValues(new Uint8Array(4))].map(hex).join(' ') }), { name: 'A fresh masking key' })
  return {
    payload: h('span', { class: 'wsl-field wsl-wide' }, h('label', { class: 'wsl-field wsl-wide' }, h('span', {}, 'payload'), payload), form),
    key: h('span', { class: 'wsl-field' }, labelled('masking key', key), fresh),
    /** @param {number} size bytes of payload */
    draw(size) {
      put(payload, model.get('payload'))
      put(key, model.get('key'))
      form.value = model.get('form')
      payload.placeholder = size && !model.get('payload') ? `${size.toLocaleString('en')} bytes, too many to edit; type to replace them` : 'empty'
    },
  }
}

/** Light up again what is pointed at, after it was drawn anew. @param {HTMLElement} root */
function relight(root) {
  const focused = root.contains(document.activeElement) ? document.activeElement : null
  for (const at of [focused, root.querySelector('[data-f]:hover')]) at?.dispatchEvent(new Event('pointerover', { bubbles: true }))
}

/**
 * One stop of the tab key for many elements; arrows, Home and End go from one to the next.
 * @param {HTMLElement} box @param {string} selector of the elements @param {() => number} across how many stand in a row
 */
function roving(box, selector, across) {
  const all = () => /** @type {HTMLElement[]} */ ([...box.querySelectorAll(selector)])
  const settle = (/** @type {Element | null} */ chosen) => all().forEach((each, at) => { each.tabIndex = (chosen ? each === chosen : at === 0) ? 0 : -1 })
  box.addEventListener('focusin', (event) => settle(/** @type {Element} */ (event.target).closest(selector)))
  box.addEventListener('keydown', (event) => {
    const each = all()
    const at = each.indexOf(/** @type {HTMLElement} */ (event.target))
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across(), ArrowUp: -across(), Home: -at, End: each.length - 1 - at }[event.key]
    if (at < 0 || step === undefined) return
    event.preventDefault()
    each[at + step]?.focus()
  })
  return () => settle(all().includes(/** @type {HTMLElement} */ (document.activeElement)) ? document.activeElement : null)
}

/**
 * End a picture when its kernel is gone, as after a restart: it says so, and nothing in it goes on.
 * JupyterLab leaves it on the page. Every widget's file ends with `export default { render: whileAlive(render) }`.
 * @param {(given: any) => () => void} render
 */
function whileAlive(render) {
  return (/** @type {any} */ given) => {
    let end = render(given)
    const stop = () => { end?.(); end = () => {} }
    given.model.on('comm_live_update', () => {
      stop()
      for (const control of given.el.querySelectorAll('button, input, select, textarea')) control.disabled = true
      given.el.querySelector('.wsl')?.append(h('div', { class: 'wsl-verdict wsl-flags', role: 'status' },
        h('b', {}, '– ended'), h('span', { class: 'wsl-m' }, 'The kernel that drew this is gone. Run the cell again.')))
    })
    return stop
  }
}

/**
 * Rows of words that Python made.
 * @param {string} label @param {{name: string, value: string, meaning: string, section: string, kind: string}[]} rows
 */
function wordTable(label, rows) {
  return h('table', { class: 'wsl-words', 'aria-label': label },
    h('thead', { class: 'wsl-unseen' }, h('tr', {}, ...['field', 'value', 'meaning', 'section'].map((name) => h('th', { scope: 'col' }, name)))),
    h('tbody', {}, ...rows.map((row) => h('tr', { class: `wsl-${row.kind}` }, h('th', { scope: 'row' }, row.name),
      h('td', { class: 'wsl-v' }, row.value), h('td', { class: 'wsl-m' }, row.meaning), h('td', { class: 'wsl-s' }, row.section)))))
}

/**
 * Something that plays by itself until it is stopped or has come to its end.
 * @param {() => boolean} step go on by one; whether there is more
 * @param {() => number} pause seconds until the next step
 * @param {() => void} changed it began or ended
 */
function player(step, pause, changed) {
  let timer = 0
  const stop = () => { clearTimeout(timer); timer = 0 }
  const tick = () => {
    timer = step() ? setTimeout(tick, pause() * 1000) : 0
    if (!timer) changed()
  }
  return {
    stop,
    playing: () => timer !== 0,
    toggle() {
      if (timer) stop()
      else tick()
      changed()
    },
  }
}

/** Whether the reader asked for less motion. */
const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches

/**
 * Whether this page can reach a server on 127.0.0.1, or must go through the notebook server's proxy.
 * @param {string} url ws://127.0.0.1:PORT/PATH
 * @returns {string[]} the URLs to try, in order
 */
function reachable(url) {
  const { port, pathname, search } = new URL(url)
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname)
  const config = document.getElementById('jupyter-config-data')?.textContent
  const base = config ? JSON.parse(config).baseUrl ?? '/' : null
  const proxied = base && `${location.protocol.replace('http', 'ws')}//${location.host}${base}proxy/${port}${pathname}${search}`
  return [...(loopback ? [url] : []), ...(proxied ? [proxied] : [])]
}

/**
 * Open a WebSocket at the first of these URLs that answers.
 * @param {string[]} urls @param {Set<() => void>} ends what to call at the clean-up
 * @param {number} patience milliseconds for each
 * @returns {Promise<{socket: WebSocket, url: string} | null>}
 */
async function knock(urls, ends, patience) {
  for (const url of urls) {
    const socket = await new Promise((settle) => {
      let opening
      try { opening = new WebSocket(url) } catch { settle(null); return } // a page served by https may not
      const give = (/** @type {WebSocket | null} */ found) => { clearTimeout(timer); ends.delete(end); if (!found) opening.close(); settle(found) }
      const end = () => give(null)
      const timer = setTimeout(end, patience)
      ends.add(end)
      opening.onopen = () => give(opening)
      opening.onerror = end
    })
    if (socket) return { socket, url }
  }
  return null
}
