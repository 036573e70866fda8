// MessageView: where a message is cut, the frames, and a receiver that is fed with them. All meaning is Python's.

/** @typedef {{at: number, size: number, text: string, fault: boolean}} Character */
/** @typedef {{text: string, wire: string, plain: string, at: number, header: number, key: number, cut: number}} FrameShown */

const SPEEDS = { slow: 0.9, normal: 0.35, fast: 0.08 } // seconds a byte
const SECONDS_A_FRAME = 1.2 // for those who asked for less motion

/** A list with a number more, or without it. @param {number[]} numbers @param {number} number */
const toggled = (numbers, number) => (numbers.includes(number) ? numbers.filter((each) => each !== number) : [...numbers, number].sort((a, b) => a - b))

/** Where the frame ends that the next byte belongs to. @param {FrameShown[]} frames @param {number} fed @param {number} size */
const frameEnd = (frames, fed, size) => frames.find((frame) => frame.at > fed)?.at ?? size

/** @param {number} octet */
const sign = (octet) => (octet === 0x20 ? '␣' : glyph(octet))

/**
 * The message's bytes, grouped by characters, with a place to cut between any two.
 * @param {(cut: number) => void} cut @param {(cut: number) => void} ping
 */
function cutter(cut, ping) {
  const strip = h('div', { class: 'wsl-strip', role: 'group', 'aria-label': 'Where to cut: arrow keys move, Enter cuts, P puts a ping there' })
  const settle = roving(strip, 'button', () => 4)
  strip.addEventListener('keydown', (event) => {
    const at = /** @type {HTMLElement} */ (event.target).dataset.cut
    if (at && event.key.toLowerCase() === 'p' && !event.ctrlKey && !event.metaKey && !event.altKey) { event.preventDefault(); event.stopPropagation(); ping(Number(at)) }
  })
  let shape = ''
  const build = (/** @type {number[]} */ octets, /** @type {Character[]} */ characters) => {
    const gap = (/** @type {number} */ at) => h('button', { type: 'button', class: 'wsl-cut', 'data-cut': at, 'data-f': `m${at - 1} m${at}`, onclick: () => cut(at) }, '✂')
    const cells = characters.map((character) => {
      const inside = octets.slice(character.at, character.at + character.size).flatMap((octet, column) => [
        ...(column ? [gap(character.at + column)] : []),
        h('span', { class: `wsl-b wsl-${character.fault ? 'fault' : 'payload'}`, 'data-f': `m${character.at + column}` }, hex(octet))])
      const name = character.fault ? '✗' : character.text === ' ' ? '␣' : character.text
      return h('span', { class: `wsl-char${character.size > 1 ? ' wsl-many' : ''}` }, h('small', { title: character.fault ? 'These bytes are no character in UTF-8' : null }, name || sign(octets[character.at])), h('span', { class: 'wsl-inside' }, ...inside))
    })
    strip.replaceChildren(...(cells.length ? cells.map((cell, at) => h('span', { class: 'wsl-unit' }, at ? gap(characters[at].at) : null, cell)) : [h('span', { class: 'wsl-name' }, 'An empty message: nothing to cut.')]))
  }
  return {
    strip,
    /** @param {number[]} octets @param {Character[]} characters @param {number[]} cuts @param {number[]} pings */
    draw(octets, characters, cuts, pings) {
      const wanted = JSON.stringify([octets, characters])
      if (wanted !== shape) build(octets, characters)
      shape = wanted
      const inside = new Set(characters.flatMap((each) => Array.from({ length: each.size - 1 }, (_, column) => each.at + column + 1)))
      for (const button of strip.querySelectorAll('button')) {
        const at = Number(button.dataset.cut)
        press(button, cuts.includes(at))
        button.setAttribute('aria-label', `cut before byte ${at + 1}${inside.has(at) ? ', inside a character' : ''}${pings.includes(at) ? ', with a ping' : ''}`)
        button.classList.toggle('wsl-pinged', pings.includes(at))
      }
      settle()
    },
  }
}

/** One frame: its words, its bytes. @param {FrameShown} frame @param {number} number @param {number} message where its payload lies in the message */
function frameRow(frame, number, message) {
  const plain = unhex(frame.plain)
  const cells = unhex(frame.wire).map((octet, at) => {
    const kind = at === 0 ? 'opcode' : at < frame.header ? 'length' : at < frame.header + frame.key ? 'key' : 'payload'
    const inPayload = at >= frame.header + frame.key
    return h('span', { class: `wsl-b wsl-${kind}`, 'data-at': frame.at + at, 'data-f': inPayload && frame.cut >= 0 ? `m${message + at - frame.header - frame.key}` : null },
      hex(octet), h('small', {}, inPayload ? sign(plain[at]) : '·'))
  })
  return h('div', { class: `wsl-frame${frame.cut < 0 ? ' wsl-control' : ''}` }, h('div', { class: 'wsl-name' }, h('b', {}, `frame ${number}`), ` ${frame.text}`), h('div', { class: 'wsl-row-bytes' }, ...cells))
}

/** The frames, a ping button at each cut. @param {(cut: number) => void} ping */
function frameList(ping) {
  const list = h('div', { class: 'wsl-frames', role: 'group', 'aria-label': 'The frames' })
  let shape = ''
  return {
    list,
    /** @param {FrameShown[]} frames @param {number[]} pings @param {number} fed @param {number} failed */
    draw(frames, pings, fed, failed) {
      const wanted = JSON.stringify(frames)
      if (wanted !== shape) {
        const focused = list.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.ping : undefined
        let message = 0
        list.replaceChildren(...frames.flatMap((frame, at) => {
          const row = frameRow(frame, at + 1, message)
          message = frame.cut < 0 ? message : frame.cut
          if (frame.cut < 0 || at === frames.length - 1) return [row]
          const there = pings.includes(frame.cut)
          const toggle = button(there ? '− ping' : '+ ping', () => ping(frame.cut), { name: `${there ? 'Take out the ping' : 'Put a ping'} at the cut before byte ${frame.cut + 1}` })
          toggle.dataset.ping = String(frame.cut)
          toggle.classList.add('wsl-small')
          return [row, h('div', { class: 'wsl-between' }, toggle)]
        }))
        if (focused) /** @type {HTMLElement} */ (list.querySelector(`[data-ping="${focused}"]`))?.focus()
      }
      shape = wanted
      for (const cell of /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll('[data-at]'))) {
        const at = Number(cell.dataset.at)
        cell.classList.toggle('wsl-wait', at >= fed)
        cell.classList.toggle('wsl-now', at === fed - 1)
        cell.classList.toggle('wsl-impossible', at === failed)
      }
    },
  }
}

/** What is chosen in the bar. @param {any} model @param {() => void} stop */
function messageTools(model, stop) {
  const select = (/** @type {string} */ label, /** @type {string} */ trait, /** @type {[string, string][]} */ options) => {
    const control = h('select', { 'aria-label': label, 'data-trait': trait, onchange: () => { stop(); tell(model, { [trait]: control.value }) } }, ...options.map(([value, name]) => h('option', { value }, name)))
    return control
  }
  const example = select('Example', 'example', [['', 'your own'], ...model.get('examples').map((name) => [name, name])])
  const kind = select('Kind of message', 'kind', [['text', 'text message'], ['binary', 'binary message']])
  const role = button('', () => { stop(); tell(model, { role: model.get('role') === 'client' ? 'server' : 'client' }) })
  return {
    parts: [example, kind, role],
    draw() {
      put(example, model.get('example'))
      put(kind, model.get('kind'))
      role.textContent = model.get('role') === 'client' ? 'client → server' : 'server → client'
      role.setAttribute('aria-label', `Direction: ${role.textContent}. Turn it round`)
    },
  }
}

/** What feeds the receiver. @param {any} model @param {() => void} redraw */
function feeder(model, redraw) {
  const speed = h('select', { 'aria-label': 'Speed' }, ...Object.keys(SPEEDS).map((name) => h('option', { value: name, selected: name === 'normal' }, name)))
  const go = (/** @type {number} */ fed) => { tell(model, { fed: Math.min(Math.max(fed, 0), model.get('size')) }); return model.get('fed') < model.get('size') }
  const end = () => frameEnd(model.get('frames'), model.get('fed'), model.get('size'))
  const playing = player(() => go(still() ? end() : model.get('fed') + 1), () => (still() ? SECONDS_A_FRAME : SPEEDS[speed.value]), redraw)
  const halt = (/** @type {() => void} */ act) => () => { playing.stop(); act() }
  const begin = button('|◂', halt(() => go(0)), { name: 'Back to the start' })
  const back = button('◂ byte', halt(() => go(model.get('fed') - 1)), { name: 'Back by one byte' })
  const byte = button('byte ▸', halt(() => go(model.get('fed') + 1)), { name: 'Feed one byte' })
  const frame = button('frame ▸', halt(() => go(end())), { name: 'Feed to the end of the frame' })
  const all = button('all ▸|', halt(() => go(model.get('size'))), { name: 'Feed all' })
  const play = button('▶ play', () => { if (!playing.playing() && model.get('fed') >= model.get('size')) go(0); playing.toggle() })
  const slider = h('input', { type: 'range', min: 0, 'aria-label': 'Bytes fed', oninput: () => { playing.stop(); go(Number(slider.value)) } })
  const where = h('span', { class: 'wsl-mono' })
  return {
    playing,
    bar: h('div', { class: 'wsl-feed', role: 'group', 'aria-label': 'Feed the receiver' }, begin, back, byte, frame, all, play, labelled('speed', speed), slider, where),
    draw() {
      const [fed, size] = [model.get('fed'), model.get('size')]
      begin.disabled = back.disabled = fed === 0
      byte.disabled = frame.disabled = all.disabled = fed === size
      play.textContent = playing.playing() ? '❚❚ pause' : '▶ play'
      slider.max = String(size)
      slider.value = String(fed)
      slider.setAttribute('aria-valuetext', `${fed} of ${size} bytes`)
      where.textContent = `${fed} of ${size} bytes fed`
    },
  }
}

/** @param {{ model: any, el: HTMLElement }} context */
function render({ model, el }) {
  const box = card(el, 'Message')
  const feed = feeder(model, () => draw())
  const { stop } = feed.playing
  const cut = (/** @type {number} */ at) => { stop(); tell(model, { cuts: toggled(model.get('cuts'), at) }) }
  const ping = (/** @type {number} */ at) => {
    stop()
    // Where there is no cut yet, it is made along with the ping: Python hears of the cut first.
    if (!model.get('cuts').includes(at)) tell(model, { cuts: toggled(model.get('cuts'), at) })
    tell(model, { pings: toggled(model.get('pings'), at) })
  }
  const tools = messageTools(model, stop)
  const fields = payloadFields(model)
  const hint = h('span', { class: 'wsl-hint wsl-problem' })
  const cuts = cutter(cut, ping)
  const frames = frameList(ping)
  const held = h('div')
  const log = h('div', { class: 'wsl-log', role: 'region', 'aria-label': 'What came out of the receiver', tabindex: 0 })
  box.tools.append(...tools.parts)
  box.body.append(h('div', { class: 'wsl-edit' }, fields.payload, fields.key, hint), h('div', {}, cuts.strip, h('div', { class: 'wsl-name' }, '✂ Click between two bytes to cut, again to join; or arrow keys and Enter. P puts a ping there.')), frames.list, feed.bar, held, log)
  linkFields(box.root)

  let said = ''
  let logged = ''
  const draw = () => {
    const [fed, size, data] = [model.get('fed'), model.get('size'), model.get('characters')]
    const list = /** @type {FrameShown[]} */ (model.get('frames'))
    tools.draw()
    fields.draw(0)
    fields.key.hidden = model.get('role') === 'server'
    hint.textContent = model.get('problem') && `✗ ${model.get('problem')}`
    const octets = list.flatMap((frame) => (frame.cut < 0 ? [] : unhex(frame.plain).slice(frame.header + frame.key)))
    cuts.draw(octets, data, model.get('cuts'), model.get('pings'))
    frames.draw(list, model.get('pings'), fed, model.get('failed_at'))
    feed.draw()
    const receiver = model.get('role') === 'client' ? 'server' : 'client'
    held.replaceChildren(wordTable(`What the ${receiver} holds`, model.get('held')))
    const rows = model.get('log')
    log.replaceChildren(rows.length ? wordTable(`What came out of the ${receiver}`, rows) : h('p', { class: 'wsl-name' }, 'Events: none yet.'))
    log.scrollTop = log.scrollHeight
    const verdict = model.get('verdict')
    box.say(verdict)
    const last = rows.at(-1)
    const came = last && JSON.stringify(last) !== logged ? `${last.value}: ${last.meaning}. ` : ''
    logged = last ? JSON.stringify(last) : ''
    const heard = model.get('problem') || `${came}${verdict.verdict}: ${verdict.text}`
    // While it plays, a screen reader hears of events only.
    if (said && heard !== said && (came || !feed.playing.playing())) box.announce(heard)
    said = heard
    relight(box.root)
  }
  const end = follow(model, ['example', 'payload', 'form', 'kind', 'role', 'key', 'cuts', 'pings', 'fed', 'size', 'characters', 'frames', 'held', 'log', 'failed_at', 'verdict', 'problem'], draw)
  return () => { stop(); end() }
}

export default { render: whileAlive(render) }
