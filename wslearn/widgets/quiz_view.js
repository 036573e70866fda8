// QuizView: one question at a time. What is right, and what to say about an answer, comes from Python.

/** @typedef {{question: string, choices: string[], many: boolean}} Item */
/** @typedef {{chosen: number[], right: boolean, say: {at: number, right: boolean, why: string}[]} | Record<string, never>} Result */

/**
 * One answer that can be chosen, and room for what is said about it.
 * @param {string} text @param {number} at its index @param {Item} item @param {boolean} checked
 */
function choice(text, at, item, checked) {
  const input = h('input', { type: item.many ? 'checkbox' : 'radio', name: 'choice', value: at, checked })
  return h('label', { class: 'wsl-choice' }, input, h('span', {}, ...prose(text)), h('span', { class: 'wsl-why' }))
}

/** Say what there is to say about the answers. @param {Element} fieldset @param {Result} result */
function comment(fieldset, result) {
  fieldset.querySelectorAll('.wsl-choice').forEach((label, at) => {
    const said = result.say?.find((each) => each.at === at)
    const why = /** @type {HTMLElement} */ (label.querySelector('.wsl-why'))
    label.className = `wsl-choice${said ? ` wsl-said wsl-${said.right ? 'payload' : 'fault'}` : ''}`
    why.replaceChildren(...(said ? [h('b', {}, said.right ? '✓ right: ' : '✗ wrong: '), ...prose(said.why)] : []))
  })
}

/** @param {{ model: any, el: HTMLElement }} context */
function render({ model, el }) {
  const box = card(el, `Quiz: ${model.get('name')}`)
  const items = /** @type {Item[]} */ (model.get('items'))
  const fieldset = h('fieldset')
  const form = /** @type {HTMLFormElement} */ (h('form', {}, fieldset))
  const say = oneByOne(model, box, {
    form, word: 'Question', verb: 'check',
    given: () => [...fieldset.querySelectorAll('input:checked')].map((input) => Number(/** @type {HTMLInputElement} */ (input).value)),
    first: () => fieldset.querySelector('input:checked') ?? fieldset.querySelector('input'),
  })
  box.body.append(form)

  let shown = -1
  const draw = () => {
    const at = model.get('at')
    const item = items[at]
    if (!item) return
    const results = /** @type {Result[]} */ (model.get('results'))
    if (at !== shown) {
      const checked = new Set(results[at].chosen)
      fieldset.replaceChildren(h('legend', {}, ...prose(item.question)), ...item.choices.map((text, index) => choice(text, index, item, checked.has(index))))
      shown = at
    }
    comment(fieldset, results[at])
    say((results[at].say ?? []).map(({ why }) => why))
  }
  return follow(model, ['at', 'results', 'turn', 'verdict', 'problem'], draw)
}

export default { render: whileAlive(render) }
