// EstimateView: a number to be estimated. Python reads what is typed, and says how near it came.

/** @typedef {{ticks: {at: number, power: number}[], near: [number, number], guess: number, answer: number}} Ruler */

/** Where the guess and the answer are on a scale of powers of ten. @param {Ruler} ruler @param {string} label */
function drawnRuler({ ticks, near, guess, answer }, label) {
  const place = (/** @type {number} */ at) => `left: ${at}%`
  // What is near an edge is written towards the middle.
  const flag = (/** @type {number} */ at, /** @type {string} */ what, /** @type {string} */ text) => h('div', { class: `wsl-flag ${what}${at > 50 ? ' wsl-before' : ''}`, style: place(at) }, h('span', {}, text))
  return h('div', { class: 'wsl-ruler', role: 'img', 'aria-label': label },
    flag(guess, 'wsl-you wsl-opcode', 'you'),
    h('div', { class: 'wsl-scale' },
      h('div', { class: 'wsl-near wsl-payload', style: `${place(near[0])}; width: ${near[1] - near[0]}%` }),
      ...ticks.map(({ at }) => h('i', { style: place(at) }))),
    flag(answer, 'wsl-is wsl-payload', 'it is'),
    ...ticks.map(({ at, power }) => h('div', { class: 'wsl-power', style: place(at) }, '10', h('sup', {}, String(power).replace('-', '−')))))
}

/** @param {{ model: any, el: HTMLElement }} context */
function render({ model, el }) {
  const box = card(el, 'Estimate')
  const items = /** @type {{question: string, unit: string, given: any[]}[]} */ (model.get('items'))

  const question = h('div', { class: 'wsl-question-text' })
  const given = h('div', {})
  const field = typedField(model, 'typed', { size: 16, inputmode: 'text' })
  const unit = h('span', { class: 'wsl-unit' })
  const understood = h('output', {})
  const form = /** @type {HTMLFormElement} */ (h('form', {}, question, given,
    h('div', { class: 'wsl-edit wsl-guess' }, labelled('your estimate', field), unit, understood)))
  const say = oneByOne(model, box, { form, word: 'Estimate', verb: 'check', given: () => field.value.toWellFormed?.() ?? field.value, first: () => field })
  const told = h('div', { class: 'wsl-told' })
  box.body.append(form, told)

  let shown = -1
  let drawn
  const draw = () => {
    const at = model.get('at')
    if (!items[at]) return
    const result = model.get('results')[at]
    if (at !== shown) {
      question.replaceChildren(...prose(items[at].question))
      given.replaceChildren(wordTable('What is given', items[at].given))
      unit.textContent = items[at].unit
      field.value = result.typed ?? ''
    } else put(field, model.get('typed'))
    if (at !== shown || result !== drawn) {
      told.replaceChildren(...(result.parts ? [drawnRuler(result.ruler, result.text), ...result.parts.map(part), h('div', { class: 'wsl-name' }, result.source)] : []))
    }
    shown = at
    drawn = result
    understood.textContent = model.get('understood') && `understood as ${model.get('understood')}`
    say()
  }
  return follow(model, ['at', 'typed', 'understood', 'results', 'turn', 'verdict', 'problem'], draw)
}

export default { render: whileAlive(render) }
