// MockView: a mock interview. What is asked, kept and scored is Python's; so is the time, which runs on here between two looks.

/** @typedef {{elapsed: number, of: number, running: boolean, up: boolean}} Clock in seconds */
/** @typedef {{question: number, part: number, title: string, about: string, text: string, before: {asked: string, said: string}[], next: string}} Shown */
/** @typedef {{about: string, text: string, said: {asked: string, said: string}[], points: string[], strong: string, weak: string, reason: string, section: string, link: {text: string, href: string}}} Scored */

const TICK = 250 // milliseconds
const LOOK = 30_000 // Python takes a page for gone that does not ask for the time for a few minutes
const KEEP = 400
const CALLED = [600, 300, 60, 0] // seconds left at which it is said aloud

/** Minutes and seconds. @param {number} seconds */
function minutes(seconds) {
  const whole = Math.floor(Math.abs(seconds))
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}

/** What was typed, its lines kept. @param {string} text */
function typedText(text) { return h('p', { class: 'wsl-typed' }, text || 'Nothing.') }

/** A question that was asked before, with what was said to it. @param {{asked: string, said: string}} each @param {boolean} [again] whether to say what was asked */
function spoken({ asked, said }, again = true) {
  return h('div', {}, again ? h('p', { class: 'wsl-asked' }, ...prose(asked)) : null, typedText(said))
}

/** One box that can be ticked. @param {string} text @param {boolean} checked @param {(checked: boolean) => void} changed @param {Record<string, unknown>} [more] */
function tickBox(text, checked, changed, more = {}) {
  const input = /** @type {any} */ (h('input', { type: 'checkbox', checked, onchange: () => changed(input.checked), ...more }))
  return h('label', { class: 'wsl-tick' }, input, h('span', {}, ...prose(text)))
}

/** Let JupyterLab open what a link beside the notebook leads to; elsewhere it is a link as any other. @param {any} model @param {ParentNode} box */
function openInLab(model, box) {
  const notebook = model.widget_manager?.context?.path
  for (const link of /** @type {NodeListOf<HTMLElement>} */ (box.querySelectorAll('a[href]'))) {
    if (typeof notebook === 'string') {
      const [file, heading] = link.getAttribute('href').split('#')
      const path = notebook.replace(/[^/]*$/, '') + file
      link.dataset.commandlinkerCommand = 'rendermime:handle-local-link'
      link.dataset.commandlinkerArgs = JSON.stringify({ path, id: heading ? `#${heading}` : '' })
    } else {
      link.setAttribute('target', '_blank')
      link.setAttribute('rel', 'noopener')
    }
  }
}

/** The time that is left, and a bar of it; it calls what is left at certain moments. @param {any} model @param {(text: string) => void} call */
function timer(model, call) {
  const shown = h('span', { class: 'wsl-timer', role: 'timer', 'aria-label': 'Time left' })
  const bar = h('i')
  let since = performance.now()
  let called = Infinity
  let looked = since
  const left = () => {
    const clock = /** @type {Clock} */ (model.get('clock'))
    return clock.of - clock.elapsed - (clock.running ? (performance.now() - since) / 1000 : 0)
  }
  const draw = () => {
    const [clock, rest] = [/** @type {Clock} */ (model.get('clock')), left()]
    shown.textContent = rest > 0 ? `${minutes(rest)} left` : `${minutes(rest)} over`
    shown.classList.toggle('wsl-over', rest <= 0)
    bar.style.width = `${Math.max(0, Math.min(100, 100 * rest / clock.of)).toFixed(1)}%`
    const due = CALLED.find((each) => rest <= each && called > each && each < clock.of / 2 + 1)
    if (due === undefined) return
    if (called !== Infinity || rest > due - 2) call(due ? `${due / 60} ${due === 60 ? 'minute' : 'minutes'} left` : 'Time is over')
    called = Math.min(...CALLED.filter((each) => rest <= each))
  }
  return {
    shown,
    bar: h('div', { class: 'wsl-time', 'aria-hidden': 'true' }, bar),
    draw,
    /** Python told the time. */
    set() { since = looked = performance.now() },
    /** Whether Python should be asked for it. */
    stale() {
      const clock = /** @type {Clock} */ (model.get('clock'))
      const now = performance.now()
      if (!clock.running || now - looked < (left() <= 0 && !clock.up ? 1000 : LOOK)) return false
      looked = now
      return true
    },
  }
}

/** @param {{ model: any, el: HTMLElement }} context */
function render({ model, el }) {
  const box = card(el, 'Mock interview')
  const clock = timer(model, (text) => box.announce(text))
  let typed = /** @type {unknown[]} */ ([])
  let keeping = 0
  let ticking = 0
  const flush = () => { clearTimeout(keeping); keeping = 0; const last = typed; typed = []; return last }
  const keep = () => { const last = flush(); if (last.length) tell(model, { typed: last }) }
  const look = () => tell(model, { looks: model.get('looks') + 1 })
  const order = (/** @type {string} */ name) => tell(model, { order: [model.get('turn'), name, flush()] })

  const pause = button('', () => order(model.get('clock').running ? 'pause' : 'resume'))
  let sure = false
  const end = button('end', () => { if (sure) order('end'); else { sure = true; nameEnd(); box.announce('Press again to end the interview and score it.') } })
  end.addEventListener('blur', () => { sure = false; nameEnd() })
  const nameEnd = () => { end.textContent = sure ? 'end and score?' : 'end' }
  const dots = h('span', { class: 'wsl-tools' })
  box.tools.append(clock.shown, pause, end, dots)
  box.body.before(clock.bar)
  const stage = h('div', { class: 'wsl-scene' })
  const hint = h('p', { class: 'wsl-hint wsl-problem' })
  box.body.append(stage, hint)

  // ---- before it begins
  const choose = (/** @type {object} */ more) => tell(model, { choice: { ...model.get('choice'), ...more } })
  const chosen = (/** @type {string} */ name, /** @type {string} */ what) => (/** @type {boolean} */ on) => {
    const others = model.get('choice')[name].filter((/** @type {string} */ each) => each !== what)
    choose({ [name]: on ? [...others, what] : others })
  }
  const ready = () => {
    const [offered, choice] = [model.get('offered'), model.get('choice')]
    const lengths = offered.minutes.map((/** @type {number} */ each) => h('label', { class: 'wsl-tick' },
      h('input', { type: 'radio', name: 'minutes', checked: each === choice.minutes, onchange: () => choose({ minutes: each }) }), h('span', {}, `${each} minutes`)))
    const kinds = Object.entries(offered.kinds).map(([name, label]) => tickBox(label, choice.kinds.includes(name), chosen('kinds', name)))
    const topics = Object.entries(offered.topics).map(([name, about]) => {
      const made = tickBox(name, choice.topics.includes(name), chosen('topics', name))
      made.setAttribute('title', about)
      return made
    })
    const group = (/** @type {string} */ name, /** @type {Node[]} */ parts) => h('fieldset', { class: 'wsl-group' }, h('legend', {}, name), ...parts)
    stage.append(
      h('ol', { class: 'wsl-steps' }, ...offered.steps.map((/** @type {string} */ step) => h('li', {}, step))),
      group('Time', lengths), group('Questions', kinds),
      h('details', {}, h('summary', {}, 'Topics: all, or those that you tick'), group('Topics', topics)),
      h('div', { class: 'wsl-edit' }, first(button('begin', () => order('begin')))))
  }

  // ---- while it is held
  /** @type {any} */
  let area = null
  const kept = h('span', { class: 'wsl-name' })
  const next = button('', () => order('next'), { title: 'Ctrl + Enter' })
  const skip = button('skip what follows', () => order('skip'))
  const drawNext = () => {
    const to = /** @type {Shown} */ (model.get('shown')).next
    next.textContent = { 'follow-up': 'go on ▸', question: 'next question ▸', scoring: 'to the scoring ▸' }[to] ?? ''
    skip.hidden = to !== 'follow-up'
  }
  const sayKept = () => { if (area) kept.textContent = !area.value ? '' : area.value === model.get('kept') ? '✓ kept' : 'keeping …' }
  const asking = () => {
    const shown = /** @type {Shown} */ (model.get('shown'))
    if (!model.get('clock').running) {
      stage.append(h('p', { class: 'wsl-asking' }, 'Paused. The question waits until you go on.'), h('div', { class: 'wsl-edit' }, first(button('go on', () => order('resume')))))
      return
    }
    area = first(h('textarea', { rows: 8, 'aria-label': 'Your answer', placeholder: 'Say it aloud, then type what you said.', value: model.get('kept') }))
    area.addEventListener('input', () => {
      typed = [shown.question, shown.part, area.value.toWellFormed?.() ?? area.value]
      keeping ||= setTimeout(keep, KEEP)
      sayKept()
    })
    area.addEventListener('blur', keep)
    area.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      event.stopPropagation()
      order('next')
    })
    stage.append(
      h('div', { class: 'wsl-name' }, shown.about),
      ...shown.before.map((each) => spoken(each)),
      h('p', { class: 'wsl-asking' }, ...prose(shown.text)), area, h('div', { class: 'wsl-edit' }, next, skip, kept))
  }

  // ---- afterwards
  const scoring = () => {
    const [at, all] = [model.get('at'), /** @type {Scored[]} */ (model.get('scored'))]
    const each = all[at]
    if (!each) return
    const had = new Set(model.get('ticked')[at])
    const ticks = each.points.map((text, point) => tickBox(text, had.has(point), (on) => {
      const now = model.get('ticked').map((/** @type {number[]} */ points, /** @type {number} */ index) =>
        (index === at ? [...points.filter((one) => one !== point), ...(on ? [point] : [])].sort((a, b) => a - b) : points))
      tell(model, { ticked: now })
    }))
    const link = h('a', { href: each.link.href }, each.link.text)
    const last = at === all.length - 1
    const onward = last ? button('to the report ▸', () => order('finish')) : button('next ▸', () => tell(model, { at: at + 1 }))
    first(/** @type {HTMLElement} */ (ticks[0].firstChild))
    stage.append(
      h('div', { class: 'wsl-name' }, each.about), h('p', { class: 'wsl-asking' }, ...prose(each.text)),
      h('div', { class: 'wsl-beside' },
        h('div', { class: 'wsl-scene' },
          h('div', { class: 'wsl-say wsl-opcode' }, h('b', {}, 'You said'), ...each.said.map((one, index) => spoken(one, index > 0))),
          h('fieldset', { class: 'wsl-points' }, h('legend', {}, 'What does your answer have?'), ...ticks)),
        h('div', { class: 'wsl-scene' },
          part({ name: 'A strong answer', texts: [each.strong], hue: 'payload' }),
          each.weak ? part({ name: 'A weak answer', texts: [each.weak], hue: 'fault' }) : null)),
      h('p', { class: 'wsl-note' }, ...prose(each.reason), ' ', each.section, each.section ? ' · ' : '', link),
      h('div', { class: 'wsl-edit' }, onward))
    openInLab(model, stage)
  }
  const done = () => {
    // Python has made it, and escaped all that somebody typed.
    const told = h('div', { class: 'wsl-report' })
    told.innerHTML = model.get('told')
    openInLab(model, told)
    const path = first(typedField(model, 'path', { value: model.get('path') }))
    stage.append(told, h('div', { class: 'wsl-edit' }, labelled('save as .md or .html', path), button('save', () => order('save')), button('another interview', () => order('again'))))
  }
  const dot = (/** @type {number} */ index) => {
    const made = button(String(index + 1), () => tell(model, { at: index }))
    made.classList.add('wsl-mock-dot')
    return made
  }
  const drawDots = () => {
    const [at, all, ticked] = [model.get('at'), /** @type {Scored[]} */ (model.get('scored')), model.get('ticked')]
    if (dots.children.length !== all.length) dots.replaceChildren(...all.map((_, index) => dot(index)))
    for (const [index, each] of [...dots.children].entries()) {
      each.setAttribute('aria-label', `Question ${index + 1}: ${ticked[index].length} of ${all[index].points.length} points`)
      if (index === at) each.setAttribute('aria-current', 'step')
      else each.removeAttribute('aria-current')
    }
  }

  /** Where the keyboard goes when the stage is set anew. @type {HTMLElement | null} */
  let begin = null
  const first = (/** @type {any} */ element) => { begin = element; return element }
  const sets = { ready, asking, scoring, done }
  let stood = ''
  /** Set the stage for what there is to do now; who worked with the keyboard goes on from there. */
  const set = (/** @type {keyof sets} */ phase) => {
    const shown = /** @type {Shown} */ (model.get('shown'))
    const stands = JSON.stringify([phase, phase === 'asking' && [shown.question, shown.part, model.get('clock').running], phase === 'scoring' && model.get('at')])
    if (stands === stood) return
    const inside = box.root.contains(document.activeElement)
    const asked = stood && phase === 'asking' && model.get('clock').running
    stood = stands
    area = null
    stage.replaceChildren()
    sets[phase]()
    if (inside) begin?.focus()
    if (asked) box.announce(`${shown.title}. ${shown.text.replaceAll('`', '')}`)
  }

  let turn = model.get('turn')
  const draw = () => {
    const phase = /** @type {keyof sets} */ (model.get('phase'))
    const running = phase === 'asking' && model.get('clock').running
    for (const each of [clock.shown, clock.bar, pause, end]) each.hidden = phase !== 'asking'
    dots.hidden = phase !== 'scoring'
    box.tools.hidden = phase === 'ready' || phase === 'done'
    pause.textContent = running ? 'pause' : 'go on'
    set(phase)
    if (phase === 'scoring') drawDots()
    if (area) put(area, model.get('kept'))
    sayKept()
    drawNext()
    clearInterval(ticking)
    if (phase === 'asking') clock.draw()
    if (running) ticking = setInterval(() => { clock.draw(); if (clock.stale()) look() }, TICK)
    const wrong = [model.get('problem'), model.get('notice')].filter(Boolean).join(' ')
    hint.textContent = wrong && `✗ ${wrong}`
    const verdict = model.get('verdict')
    box.say(verdict)
    if (wrong) box.announce(wrong)
    else if (turn !== model.get('turn') && !running) box.announce(`${verdict.verdict}. ${verdict.text}`)
    turn = model.get('turn')
  }
  model.on('change:clock', clock.set)
  const unfollow = follow(model, ['phase', 'clock', 'shown', 'kept', 'scored', 'ticked', 'at', 'told', 'verdict', 'problem', 'notice', 'turn'], draw)
  if (model.get('clock').running) look() // what it has may be as old as the page
  return () => { unfollow(); model.off('change:clock', clock.set); clearInterval(ticking); clearTimeout(keeping) }
}

export default { render: whileAlive(render) }
