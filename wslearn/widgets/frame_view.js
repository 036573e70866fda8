// FrameView: bits, bytes and words of a frame, linked. What they mean, and whether it is legal, says Python.

/** @typedef {{start: number, stop: number, name: string, value: string, meaning: string, section: string, kind: string, fault: boolean, part: string}} Span */

const LABELS = [['FIN', 'flags', 1], ['RSV1 2 3', 'flags', 3], ['opcode', 'opcode', 4], ['MASK', 'flags', 1], ['payload length', 'length', 7]]
const BIT_NAMES = ['FIN', 'RSV1', 'RSV2', 'RSV3', ...Array(4).fill('opcode'), 'MASK', ...Array(7).fill('payload length')]

/** A header in hex with one bit turned over. @param {string} header @param {number} bit */
function flipped(header, bit) {
  const all = unhex(header)
  while (all.length < 2) all.push(0)
  all[bit >> 3] ^= 0x80 >> (bit & 7)
  return all.map(hex).join(' ')
}

/** The numbers of the spans that touch some bits. @param {Span[]} spans @param {number} start @param {number} stop */
const touching = (spans, start, stop) => spans.flatMap((span, number) => (span.start < stop && span.stop > start ? [number] : []))

/** `data-f` and the colour of some bits. @param {Span[]} spans @param {number[]} numbers */
function field(spans, numbers) {
  const shown = numbers.find((number) => spans[number].fault) ?? numbers.at(-1)
  const kind = shown === undefined ? 'flags' : spans[shown].kind
  return { kind, f: numbers.map((number) => `i${number}`).join(' ') || null, name: shown === undefined ? 'nothing' : spans[shown].name }
}

/**
 * The header bit by bit, sixteen in a row; kept while its shape stays, so that the focus stays too.
 * @param {(bit: number) => void} flip
 */
function bitGrid(flip) {
  const table = h('table', { class: 'wsl-bits', 'aria-label': 'The header, bit by bit' })
  const settle = roving(table, 'button', () => 16)
  let shape = -1
  const build = (/** @type {number} */ count) => {
    const rows = [h('tr', { 'aria-hidden': 'true' }, ...Array.from({ length: 16 }, (_, bit) => h('th', {}, bit)))]
    for (let row = 0; row < count; row += 16) {
      rows.push(h('tr', {}, ...Array.from({ length: 16 }, (_, at) => h('td', { class: 'wsl-cell' },
        h('button', { type: 'button', 'data-bit': row + at, onclick: () => flip(row + at) })))))
      if (row === 0) rows.push(h('tr', { 'aria-hidden': 'true' }, ...LABELS.map(([label, kind, width]) => h('td', { class: `wsl-l wsl-${kind}`, colspan: width }, label))))
    }
    table.replaceChildren(h('tbody', {}, ...rows))
    shape = count
  }
  return {
    table,
    /** @param {string} header @param {Span[]} spans @param {number} from the frame's first bit @param {boolean} whole */
    draw(header, spans, from, whole) {
      const all = unhex(header)
      const count = whole ? Math.max(16, all.length * 8) : 16
      if (count !== shape) build(count)
      for (const button of table.querySelectorAll('button')) {
        const bit = Number(button.dataset.bit)
        const { kind, f, name } = field(spans, touching(spans, from + bit, from + bit + 1))
        const there = bit >> 3 < all.length
        const value = there ? (all[bit >> 3] >> (7 - (bit & 7))) & 1 : '·'
        button.textContent = String(value)
        button.className = `wsl-b wsl-${kind}`
        button.setAttribute('aria-label', `bit ${bit}, ${BIT_NAMES[bit] ?? name}: ${there ? value : 'not there'}`)
        button.setAttribute('aria-pressed', String(value === 1))
        if (f) button.dataset.f = f
        else delete button.dataset.f
      }
      let bit = 0
      for (const [at, label] of [...table.querySelectorAll('.wsl-l')].entries()) {
        const { f } = field(spans, touching(spans, from + bit, from + bit + LABELS[at][2]))
        if (f) label.setAttribute('data-f', f)
        bit += LABELS[at][2]
      }
      settle()
    },
  }
}

/** @param {{at: number, wire: string, plain: string}[]} runs @param {Span[]} spans */
function byteCells(runs, spans) {
  const cells = []
  for (const [number, run] of runs.entries()) {
    const wire = unhex(run.wire)
    const plain = unhex(run.plain)
    if (number) {
      const before = runs[number - 1]
      cells.push(h('span', { class: 'wsl-gap', 'aria-hidden': 'true' }, `… ${(run.at - before.at - before.wire.length / 2).toLocaleString('en')} bytes more …`))
    }
    wire.forEach((octet, column) => {
      const at = run.at + column
      if (column % 8 === 0) cells.push(h('span', { class: `wsl-off${column % 16 ? ' wsl-half' : ''}`, 'aria-hidden': 'true' }, at.toString(16).padStart(4, '0')))
      const { kind, f, name } = field(spans, touching(spans, at * 8, at * 8 + 8))
      const shown = plain[column] === 0x20 ? '␣' : glyph(plain[column])
      cells.push(h('span', { class: `wsl-b wsl-${kind}`, 'data-f': f, role: 'option', tabindex: -1, 'aria-selected': 'false',
        'aria-label': `byte ${at}: ${hex(octet)}${shown === '·' ? '' : `, ${shown === '␣' ? 'a space' : shown}`}, ${name}` }, hex(octet), h('small', {}, shown)))
    })
  }
  return cells
}

/** @param {Span[]} spans @param {string} first the part that needs no heading */
function wordRows(spans, first) {
  const rows = []
  const idle = spans.map((span) => /^RSV/.test(span.name) && span.value === '0' && !span.fault)
  let part = first
  spans.forEach((span, number) => {
    if (span.part !== part) {
      part = span.part
      rows.push(h('tr', { class: 'wsl-flags' }, h('th', { colspan: 4, scope: 'rowgroup', class: 'wsl-next' }, `${part}: what the receiver reads next`)))
    }
    const three = span.name === 'RSV1' && idle[number] && idle[number + 1] && idle[number + 2]
    if (idle[number] && /[23]$/.test(span.name) && idle[number - 1] && idle[number - (span.name === 'RSV2' ? -1 : 2)]) return
    rows.push(h('tr', { class: `wsl-${span.kind}`, 'data-f': three ? `i${number} i${number + 1} i${number + 2}` : `i${number}`, tabindex: -1 },
      h('th', { scope: 'row' }, `${span.fault ? '✗ ' : ''}${three ? 'RSV1 2 3' : span.name}`),
      h('td', { class: 'wsl-v' }, three ? '0 0 0' : span.value), h('td', { class: 'wsl-m' }, span.meaning), h('td', { class: 'wsl-s' }, span.section)))
  })
  return rows
}

/** @param {any} model @param {ReturnType<typeof card>} box */
function frameTools(model, box) {
  const option = (/** @type {[string, string]} */ [key, name]) => h('option', { value: key }, name)
  const preset = h('select', { class: 'wsl-preset', onchange: () => tell(model, { preset: preset.value }) }, h('option', { value: '' }, 'your own'),
    ...model.get('groups').map((group) => h('optgroup', { label: group.group }, ...group.presets.map(option))))
  preset.setAttribute('aria-label', 'Preset')
  const role = button('', () => tell(model, { role: model.get('role') === 'client' ? 'server' : 'client' }))
  const deflate = button('deflate', () => tell(model, { deflate: !model.get('deflate') }), { title: 'Whether permessage-deflate was agreed in the handshake' })
  const raw = h('textarea', { class: 'wsl-code', rows: 3, spellcheck: 'false', oninput: () => tell(model, { raw: raw.value }) })
  const rawField = h('label', { class: 'wsl-field wsl-raw', hidden: true }, h('span', {}, 'all bytes in hex'), raw)
  const open = button('hex', () => { rawField.hidden = !rawField.hidden; press(open, !rawField.hidden); if (!rawField.hidden) raw.focus() }, { pressed: false, name: 'Edit all bytes in hex' })
  const copy = button('copy', async () => {
    try {
      await navigator.clipboard.writeText(model.get('raw'))
      copy.textContent = '✓ copied'
      box.announce('Copied')
    } catch {
      rawField.hidden = false
      press(open, true)
      raw.select()
      box.announce('Press Control and C to copy')
    }
  }, { name: 'Copy the bytes in hex' })
  box.tools.append(role, deflate, open, copy)
  box.bar.insertBefore(preset, box.tools)
  return {
    rawField,
    draw() {
      const client = model.get('role') === 'client'
      preset.value = model.get('preset')
      role.textContent = client ? 'client → server' : 'server → client'
      role.setAttribute('aria-label', `Direction: ${role.textContent}. Turn it round`)
      press(deflate, model.get('deflate'))
      put(raw, model.get('raw'))
      const size = model.get('frames').reduce((sum, frame) => sum + frame.size, 0)
      const tooLong = !model.get('raw') && size > 2
      for (const each of [raw, copy]) each.disabled = tooLong
      raw.placeholder = tooLong ? 'Too many bytes to edit here; in Python they are .data' : ''
      copy.title = tooLong ? 'Too many bytes: in Python they are .data' : ''
      copy.textContent = 'copy'
    },
  }
}

/** The fields that are typed. @param {any} model */
function frameFields(model) {
  const shared = payloadFields(model)
  const opcode = h('select', { onchange: () => {
    const all = unhex(model.get('header'))
    tell(model, { header: [((all[0] ?? 0) & 0xf0) | Number(opcode.value), ...(all.length > 1 ? all.slice(1) : [0])].map(hex).join(' ') })
  } }, ...model.get('opcodes').map((name, number) => h('option', { value: number }, name)))
  const length = typedField(model, 'length', { size: 7, inputmode: 'numeric' })
  const follows = h('input', { type: 'checkbox', onchange: () => tell(model, { follows: follows.checked }) })
  const hint = h('span', { class: 'wsl-hint' })
  const box = h('div', { class: 'wsl-edit' }, labelled('opcode', opcode), labelled('length', length), h('label', { class: 'wsl-field', title: 'The length follows the payload' }, follows, h('span', {}, 'auto')),
    shared.key, hint, shared.payload)
  return {
    box,
    draw() {
      opcode.value = String((unhex(model.get('header'))[0] ?? 0) & 15)
      put(length, model.get('length'))
      shared.draw(model.get('payload_size'))
      follows.checked = model.get('follows')
      hint.textContent = model.get('problem') ? `✗ ${model.get('problem')}` : model.get('hint') && `… ${model.get('hint')}`
      hint.classList.toggle('wsl-problem', Boolean(model.get('problem')))
    },
  }
}

/** @param {{ model: any, el: HTMLElement }} context */
function render({ model, el }) {
  const box = card(el, 'Frame')
  let whole = false
  const tools = frameTools(model, box)
  const fields = frameFields(model)
  const grid = bitGrid((bit) => tell(model, { header: flipped(model.get('header'), bit) }))
  const list = h('div', { class: 'wsl-run', role: 'group', 'aria-label': 'Frames' })
  const all = button('all bits', () => { whole = !whole; press(all, whole); draw() }, { pressed: false, name: 'All bits of the header' })
  const bytes = h('div', { class: 'wsl-bytes', role: 'listbox', 'aria-label': 'The bytes in hex and as text, the payload unmasked' })
  const settleBytes = roving(bytes, '[role=option]', () => (getComputedStyle(bytes).gridTemplateColumns.split(' ').length > 10 ? 16 : 8))
  const body = h('tbody')
  const words = h('table', { class: 'wsl-words', 'aria-label': 'What it means' },
    h('thead', { class: 'wsl-unseen' }, h('tr', {}, ...['field', 'value', 'meaning', 'section'].map((name) => h('th', { scope: 'col' }, name)))), body)
  const settleWords = roving(words, 'tr[tabindex]', () => 1)
  box.body.append(tools.rawField, list, grid.table, fields.box, bytes, words)
  box.tools.prepend(all)
  linkFields(box.root)
  bytes.addEventListener('focusin', (event) => {
    for (const option of bytes.querySelectorAll('[role=option]')) option.setAttribute('aria-selected', String(option === event.target))
  })

  let said = ''
  const draw = () => {
    const spans = /** @type {Span[]} */ (model.get('spans'))
    const runs = model.get('runs')
    const frames = model.get('frames')
    tools.draw()
    fields.draw()
    list.hidden = frames.length < 2
    list.replaceChildren(...(frames.length < 2 ? [] : frames.map((frame, number) => button(`${frame.fault ? '✗ ' : ''}${number + 1} ${frame.title}`,
      () => tell(model, { chosen: number }), { pressed: number === model.get('chosen') }))), ...(model.get('more') ? [h('span', { class: 'wsl-name' }, `… and ${model.get('more').toLocaleString('en')} bytes more`)] : []))
    grid.draw(model.get('header'), spans, (runs[0]?.at ?? 0) * 8, whole)
    bytes.replaceChildren(...byteCells(runs, spans))
    settleBytes()
    body.replaceChildren(...wordRows(spans, `frame ${model.get('chosen') + 1}`))
    settleWords()
    const verdict = model.get('verdict')
    box.say(verdict)
    const heard = model.get('problem') || `${verdict.verdict}: ${verdict.text}`
    if (said && heard !== said) box.announce(heard)
    said = heard
    relight(box.root)
  }
  return follow(model, ['role', 'deflate', 'preset', 'chosen', 'header', 'payload', 'form', 'length', 'follows', 'key', 'raw', 'frames', 'more', 'spans', 'runs', 'payload_size', 'verdict', 'problem', 'hint'], draw)
}

export default { render: whileAlive(render) }
