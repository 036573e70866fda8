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
  const dots = items.map((_, at) => button('', () => tell(model, { at })))
  for (const dot of dots) dot.classList.add('wsl-dot')
  box.tools.append(...dots)

  const fieldset = h('fieldset')
  const hint = h('p', { class: 'wsl-hint wsl-problem' })
  const check = h('button', { type: 'submit' }, 'check')
  const next = button('next ▸', () => {
    tell(model, { at: (model.get('at') + 1) % items.length })
    queueMicrotask(() => /** @type {HTMLElement} */ (fieldset.querySelector('input:checked') ?? fieldset.querySelector('input'))?.focus())
  })
  const form = h('form', { class: 'wsl-question' }, fieldset, h('div', { class: 'wsl-edit' }, check, next, hint))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const chosen = [...fieldset.querySelectorAll('input:checked')].map((input) => Number(/** @type {HTMLInputElement} */ (input).value))
    tell(model, { asked: [model.get('at'), chosen, model.get('turn')] })
  })
  box.body.append(form)

  let shown = -1
  let turn = model.get('turn')
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
    dots.forEach((dot, index) => {
      const { right } = results[index]
      const [mark, word] = right === undefined ? ['', 'not answered'] : right ? [' ✓', 'right'] : [' ✗', 'not yet']
      dot.textContent = `${index + 1}${mark}`
      dot.setAttribute('aria-label', `Question ${index + 1}: ${word}`)
      if (index === at) dot.setAttribute('aria-current', 'step')
      else dot.removeAttribute('aria-current')
    })
    next.textContent = at < items.length - 1 ? 'next ▸' : 'first ▸'
    next.hidden = items.length === 1
    const problem = model.get('problem')
    hint.textContent = problem && `✗ ${problem}`
    const verdict = model.get('verdict')
    box.say(verdict)
    if (problem) box.announce(problem)
    else if (turn !== model.get('turn')) {
      turn = model.get('turn')
      box.announce([`${verdict.verdict}.`, ...(results[at].say ?? []).map(({ why }) => why.replaceAll('`', '')), verdict.text].join(' '))
    }
  }
  return follow(model, ['at', 'results', 'turn', 'verdict', 'problem'], draw)
}

export default { render: whileAlive(render) }
