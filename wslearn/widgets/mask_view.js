// MaskView: payload, key and result in columns. The XOR and what a cache sees come from Python.

const SECONDS_A_BYTE = 0.9

/**
 * A row of bytes. @param {string} label @param {string} kind colour @param {(string | undefined)[]} octets in hex
 * @param {number} at index of the first @param {number} now the one looked at @param {(at: number) => void} go @param {number} wide columns
 */
function maskRow(label, kind, octets, at, now, go, wide) {
  const cells = octets.map((octet, column) => {
    const index = at + column
    const state = index === now ? ' wsl-now' : index > now ? ' wsl-wait' : ''
    return h('td', { class: `wsl-b wsl-${kind}${state}`, 'data-f': `c${index}`, onclick: () => go(index) },
      octet ?? '··', h('small', {}, octet ? bits(parseInt(octet, 16)) : '········'))
  })
  while (cells.length < wide) cells.push(h('td', { class: 'wsl-none' }))
  return h('tr', {}, h('th', { scope: 'row' }, label), ...cells)
}

/** @param {string} label @param {string} kind @param {string} octet in hex */
function lensRow(label, kind, octet) {
  return [h('span', { class: 'wsl-name' }, label), ...[...bits(parseInt(octet, 16))].map((bit, at) => h('span', { class: `wsl-b wsl-${kind}`, 'data-f': `b${at}` }, bit))]
}

/** @param {{title: string, wire: string, size: number, header: number, key: number, request: boolean, text: string}} wire */
function wireDump(wire) {
  const cells = unhex(wire.wire).flatMap((octet, at) => {
    const kind = at < wire.header ? 'opcode' : at < wire.header + wire.key ? 'key' : 'payload'
    const cell = h('span', { class: `wsl-b wsl-${kind}` }, hex(octet), h('small', {}, octet === 0x20 ? '␣' : glyph(octet)))
    const offset = h('span', { class: `wsl-off${at % 16 ? ' wsl-half' : ''}`, 'aria-hidden': 'true' }, at.toString(16).padStart(4, '0'))
    return at % 8 ? [cell] : [offset, cell]
  })
  const more = wire.size - unhex(wire.wire).length
  if (more > 0) cells.push(h('span', { class: 'wsl-gap' }, `… ${more.toLocaleString('en')} bytes more`))
  return h('div', { class: 'wsl-wire' },
    h('p', {}, h('b', {}, wire.title), ' · ', wire.key ? 'the frame, masked' : 'the same frame, if clients did not mask'),
    h('div', { class: 'wsl-bytes', role: 'group', 'aria-label': `The bytes on the wire, ${wire.title}` }, ...cells),
    h('p', { class: `wsl-seen wsl-${wire.request ? 'fault' : 'payload'}` }, `${wire.request ? '✗' : '✓'} ${wire.text}`))
}

/** @param {{ model: any, el: HTMLElement }} context */
function render({ model, el }) {
  const box = card(el, 'Masking')
  let timer = 0
  const last = () => Math.max(model.get('size') - 1, 0)
  const go = (/** @type {number} */ step) => tell(model, { step: Math.min(Math.max(step, 0), last()) })
  const stop = () => { clearInterval(timer); timer = 0 }
  const tick = () => {
    if (model.get('step') < last()) go(model.get('step') + 1)
    if (model.get('step') >= last()) { stop(); draw() }
  }
  const toggle = () => {
    if (timer) stop()
    else {
      if (model.get('step') >= last()) go(0)
      timer = setInterval(tick, SECONDS_A_BYTE * 1000)
    }
    draw()
  }
  const back = button('◂', () => go(model.get('step') - 1), { name: 'Step back' })
  const play = button('▶ play', toggle)
  const next = button('step ▸', () => go(model.get('step') + 1))
  const again = button('', () => tell(model, { inverse: !model.get('inverse') }))
  const cache = button('what a cache would see', () => { stop(); tell(model, { cache: !model.get('cache') }) })
  const where = h('span', { class: 'wsl-mono' })
  box.tools.append(back, play, next, again, cache)

  const fields = payloadFields(model)
  const hint = h('span', { class: 'wsl-hint wsl-problem' })
  const edit = h('div', { class: 'wsl-edit' }, fields.payload, fields.key, hint)
  const slider = h('input', { type: 'range', min: 0, oninput: () => go(Number(slider.value)) })
  const walk = h('div', { class: 'wsl-walk' }, labelled('byte', slider), where)
  const body = h('tbody')
  const table = h('table', { class: 'wsl-mask', 'aria-label': 'The XOR, byte by byte' }, body)
  const lens = h('div', { class: 'wsl-lens', role: 'group', 'aria-label': 'The XOR of the bits of this byte' })
  const wires = h('div', { class: 'wsl-part', style: 'padding: 0' })
  const settle = roving(table, 'button', () => 0)
  box.body.append(edit, walk, table, lens, wires)
  linkFields(box.root)

  let said = ''
  const columns = () => {
    const at = model.get('at')
    const now = model.get('step')
    const names = model.get('inverse') ? ['on the wire', 'payload'] : ['payload', 'on the wire']
    const kinds = model.get('inverse') ? ['opcode', 'payload'] : ['payload', 'opcode']
    const source = unhex(model.get('source')).map(hex)
    const keys = unhex(model.get('keys_used')).map(hex)
    const result = unhex(model.get('result')).map(hex)
    const wide = model.get('size') > 8 ? 8 : Math.max(source.length, 4)
    const focused = /** @type {HTMLElement | null} */ (body.contains(document.activeElement) ? document.activeElement : null)?.dataset.at
    const head = (/** @type {string} */ label, /** @type {(index: number) => Node | string} */ cell) => h('tr', {}, h('th', { scope: 'row' }, label),
      ...Array.from({ length: wide }, (_, column) => (column < source.length ? h('th', { scope: 'col' }, cell(at + column)) : h('td', { class: 'wsl-none' }))))
    body.replaceChildren(
      head('i', (index) => h('button', { type: 'button', 'data-at': index, title: `byte ${index.toLocaleString('en')}`, 'aria-label': `byte ${index}`, 'aria-current': index === now ? 'step' : null, onclick: () => go(index) }, index < 10_000 ? index : `…${String(index).slice(-3)}`)),
      head('i mod 4', (index) => String(index % 4)),
      maskRow(names[0], kinds[0], source, at, now, go, wide),
      maskRow('⊕ key[i mod 4]', 'key', keys, at, now, go, wide),
      maskRow(names[1], kinds[1], source.map((_, column) => result[column]), at, now, go, wide))
    if (focused) (body.querySelector(`[data-at="${focused}"]`) ?? body.querySelector('[aria-current]'))?.focus()
    settle()
    const column = now - at
    lens.replaceChildren(...(source.length ? [
      h('span', { class: 'wsl-name wsl-title' }, `byte ${now.toLocaleString('en')} bit by bit: 1 where the two differ`),
      ...lensRow(`${names[0]} ${source[column]}`, kinds[0], source[column]),
      ...lensRow(`⊕ key[${now % 4}] ${keys[column]}`, 'key', keys[column]),
      ...lensRow(`= ${names[1]} ${result[column]}`, kinds[1], result[column])] : []))
  }
  const draw = () => {
    const comparing = model.get('cache')
    const size = model.get('size')
    if (comparing) stop()
    for (const each of [back, play, next, again, walk, table, lens]) each.hidden = comparing
    wires.hidden = !comparing
    press(cache, comparing)
    play.textContent = timer ? '❚❚ pause' : '▶ play'
    again.textContent = model.get('inverse') ? 'mask' : 'unmask'
    again.title = model.get('inverse') ? 'Back to the payload' : 'Run it again, on the result'
    back.disabled = model.get('step') === 0
    next.disabled = model.get('step') >= last()
    play.disabled = size === 0
    fields.draw(size)
    hint.textContent = model.get('problem') && `✗ ${model.get('problem')}`
    slider.max = String(last())
    slider.value = String(model.get('step'))
    where.textContent = size ? `byte ${model.get('step').toLocaleString('en')} of ${size.toLocaleString('en')} · key[${model.get('step').toLocaleString('en')} mod 4]` : 'no bytes'
    if (comparing) wires.replaceChildren(...model.get('wires').map(wireDump))
    else columns()
    const verdict = model.get('verdict')
    box.say(verdict)
    if (!verdict.mark) box.root.querySelector('.wsl-verdict').classList.replace('wsl-length', comparing ? 'wsl-flags' : 'wsl-payload')
    const heard = model.get('problem') || (comparing ? model.get('wires').map((wire) => `${wire.title}: ${wire.text}`).join(' ') : `byte ${model.get('step')}: ${verdict.verdict}`)
    if (said && heard !== said && !timer) box.announce(heard)
    said = heard
    relight(box.root)
  }
  const end = follow(model, ['payload', 'form', 'key', 'step', 'inverse', 'cache', 'size', 'at', 'source', 'keys_used', 'result', 'wires', 'verdict', 'problem'], draw)
  return () => { stop(); end() }
}

export default { render: whileAlive(render) }
