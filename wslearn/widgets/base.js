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
