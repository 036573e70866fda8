// CardsView: one card at a time. What is due, the answer and the intervals come from Python.

/** @typedef {{name: string, texts: string[], hue: string}} Part */
/** @typedef {{text: string, right: boolean, why: string, chosen: boolean}} Judged */
/** @typedef {{kind: string, topic: string, question: string, choices: string[], many: boolean,
 *             parts?: Part[], judged?: Judged[], ratings?: {name: string, interval: string}[], source?: string}} Face */

const letter = (/** @type {number} */ at) => String.fromCharCode(97 + at)

/** A choice when the card is turned over. @param {Judged} each */
function judgedChoice({ text, right, why, chosen }) {
  return h('li', { class: `wsl-say wsl-${right ? 'payload' : 'fault'}${chosen ? ' wsl-chosen' : ''}` },
    h('b', {}, `${right ? '✓ right' : '✗ wrong'}${chosen ? ', and chosen' : ''}`), h('p', {}, ...prose(text)), h('p', { class: 'wsl-why' }, ...prose(why)))
}

/** A button with its key. @param {string} key @param {(string | Node)[]} label @param {() => void} press @param {boolean} [pressed] */
function keyed(key, label, press, pressed) {
  const made = button('', press, { pressed })
  made.replaceChildren(h('kbd', { 'aria-hidden': 'true' }, key), h('span', {}, ...label))
  made.setAttribute('aria-keyshortcuts', key)
  return made
}

/** @param {{ model: any, el: HTMLElement }} context */
function render({ model, el }) {
  const box = card(el, 'Cards')
  const order = (/** @type {unknown[]} */ ...what) => tell(model, { order: [model.get('turn'), ...what] })
  const chosen = /** @type {Set<number>} */ (new Set())
  const reveal = () => order('reveal', [...chosen])
  const take = (/** @type {number} */ at) => {
    if (!model.get('face').many) { order('reveal', [at]); return }
    if (!chosen.delete(at)) chosen.add(at)
    picks.forEach((each, index) => press(each, chosen.has(index)))
  }

  const topic = /** @type {any} */ (h('select', { 'aria-label': 'Topic', onchange: () => tell(model, { topic: topic.value }) }))
  const undo = button('undo', () => order('undo'), { title: 'Take the last rating back (U)' })
  undo.setAttribute('aria-keyshortcuts', 'U')
  box.tools.append(topic, undo)
  const stage = h('div', { class: 'wsl-stage' })
  const hint = h('p', { class: 'wsl-hint wsl-problem' })
  box.body.append(stage, hint)

  /** @type {HTMLElement[]} */
  let picks = []
  /** @type {HTMLElement[]} */
  let rates = []
  const front = (/** @type {Face} */ face) => {
    picks = face.choices.map((text, at) => keyed(letter(at), prose(text), () => take(at), face.many ? chosen.has(at) : undefined))
    const turn = keyed('space', ['show the answer'], reveal)
    turn.setAttribute('aria-keyshortcuts', 'Space')
    const choices = picks.length ? [h('div', { class: 'wsl-picks', role: 'group', 'aria-label': 'Choices' }, ...picks)] : []
    stage.append(...choices, h('div', { class: 'wsl-edit' }, turn))
  }
  const back = (/** @type {Face} */ face) => {
    const judged = face.judged.length ? [h('ul', { class: 'wsl-judged' }, ...face.judged.map(judgedChoice))] : []
    rates = face.ratings.map(({ name, interval }, at) => keyed(String(at + 1), [name, ' ', h('small', {}, interval)], () => order('rate', at + 1)))
    stage.append(h('div', { class: 'wsl-answer', role: 'group', 'aria-label': 'Answer', tabindex: '-1' }, ...judged, ...face.parts.map(part), h('div', { class: 'wsl-name' }, face.source)),
      h('div', { class: 'wsl-rates', role: 'group', 'aria-label': 'How well did it go?' }, ...rates))
  }
  const nothing = () => stage.append(h('div', { class: 'wsl-edit' }, button('look again', () => order('look'))))

  box.root.addEventListener('keydown', (event) => {
    const face = /** @type {Face} */ (model.get('face'))
    const at = /** @type {HTMLElement} */ (event.target)
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || at.closest('select')) return
    const key = event.key.toLowerCase()
    const pick = face.choices && key.length === 1 ? picks[key.charCodeAt(0) - 97] : undefined
    if (key === ' ' && face.choices && !face.parts && !at.closest('button')) reveal()
    else if (key === 'u' && model.get('can_undo')) order('undo')
    else if (!face.parts && pick) pick.click()
    else if (face.parts && rates[Number(key) - 1]) rates[Number(key) - 1].click()
    else return
    event.preventDefault()
  })

  /** Show how many cards there are of each topic. */
  const drawTopics = () => {
    const topics = /** @type {{name: string, due: number, new: number}[]} */ (model.get('topics'))
    const options = [['', 'all topics'], ...topics.map(({ name, due, new: unseen }) => [name, `${name}: ${due} due, ${unseen} new`])]
    if (topic.options.length !== options.length) topic.replaceChildren(...options.map(([value]) => h('option', { value })))
    options.forEach(([, label], at) => { if (topic.options[at].textContent !== label) topic.options[at].textContent = label })
    topic.value = model.get('topic')
  }
  /** Show the card anew; who worked with the keyboard goes on from there. */
  const drawFace = () => {
    const face = /** @type {Face} */ (model.get('face'))
    const inside = stage.contains(document.activeElement) || document.activeElement === undo
    if (!face.parts) chosen.clear()
    picks = []
    rates = []
    const question = face.question ? [h('div', { class: 'wsl-recall', tabindex: '-1' }, ...prose(face.question))] : []
    stage.replaceChildren(...question)
    if (face.parts) back(face)
    else if (face.question) front(face)
    else nothing()
    if (inside) /** @type {HTMLElement} */ (stage.querySelector(face.parts ? '.wsl-answer' : '.wsl-recall, button')).focus()
  }
  let shown
  const draw = () => {
    const face = /** @type {Face} */ (model.get('face'))
    drawTopics()
    const began = shown === undefined
    const isAnother = shown !== face
    if (isAnother) drawFace()
    shown = face
    undo.disabled = !model.get('can_undo')
    const wrong = [model.get('problem'), model.get('notice')].filter(Boolean).join(' ')
    hint.textContent = wrong && `✗ ${wrong}`
    const verdict = model.get('verdict')
    box.say(verdict)
    if (wrong) box.announce(wrong)
    else if (isAnother && !began) {
      const heard = face.parts ? [verdict.verdict, ...face.parts.slice(0, 1).flatMap(({ texts }) => texts)] : [face.question ?? verdict.verdict]
      box.announce([...heard, verdict.text].join(' ').replaceAll('`', ''))
    }
  }
  return follow(model, ['topic', 'topics', 'face', 'can_undo', 'verdict', 'notice', 'problem'], draw)
}

export default { render: whileAlive(render) }
