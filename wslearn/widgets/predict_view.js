// PredictView: a question before the run. What was predicted is a trait, and Python compares it.

/** @param {{ model: any, el: HTMLElement }} context */
function render({ model, el }) {
  const box = card(el, 'Predict')
  const [choices, rows, unit] = [/** @type {string[]} */ (model.get('choices')), /** @type {string[]} */ (model.get('rows')), model.get('unit')]
  const asked = model.get('question').replaceAll('`', '')
  const guess = (/** @type {number} */ at, /** @type {string} */ value) => tell(model, { guesses: model.get('guesses').map((old, index) => (index === at ? value : old)) })
  box.bar.querySelector('[role=toolbar]').remove()
  box.body.classList.add('wsl-predict')

  /** A field or a menu for one guess. @param {number} at @param {string} name what a screen reader calls it */
  const field = (at, name) => {
    const control = /** @type {any} */ (choices.length
      ? h('select', { 'aria-label': name, onchange: () => guess(at, control.value) }, h('option', { value: '' }, '?'), ...choices.map((choice) => h('option', { value: choice }, choice)))
      : h('input', { type: 'text', inputmode: 'decimal', autocomplete: 'off', spellcheck: 'false', 'aria-label': name, oninput: () => guess(at, control.value.toWellFormed?.() ?? control.value) }))
    return control
  }
  const fields = rows.length ? rows.map((row, at) => field(at, `${asked} ${row}`)) : choices.length ? [] : [field(0, asked)]
  const buttons = rows.length ? [] : choices.map((choice, at) => {
    const made = button('', () => guess(0, choice), { pressed: false })
    made.replaceChildren(h('kbd', { 'aria-hidden': 'true' }, at + 1), h('span', {}, ...prose(choice), unit ? ` ${unit}` : ''))
    made.setAttribute('aria-keyshortcuts', String(at + 1))
    return made
  })
  const hint = h('p', { class: 'wsl-hint wsl-problem' })
  box.body.append(h('div', { class: 'wsl-ask' }, ...prose(model.get('question'))))
  if (rows.length) {
    box.body.append(h('table', { class: 'wsl-guesses' },
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, model.get('row')), h('th', { scope: 'col' }, unit || 'you say'))),
      h('tbody', {}, ...rows.map((row, at) => h('tr', {}, h('th', { scope: 'row' }, ...prose(row)), h('td', {}, fields[at]))))))
  } else if (choices.length) box.body.append(h('div', { class: 'wsl-options', role: 'group', 'aria-label': asked }, ...buttons))
  else box.body.append(h('div', { class: 'wsl-edit' }, fields[0], unit))
  box.body.append(hint)
  box.root.addEventListener('keydown', (event) => {
    const wanted = event.ctrlKey || event.metaKey || event.altKey ? undefined : buttons[Number(event.key) - 1]
    wanted?.click()
    wanted?.focus()
  })

  let said = ''
  const draw = () => {
    const guesses = model.get('guesses')
    buttons.forEach((each, at) => press(each, guesses[0] === choices[at]))
    fields.forEach((each, at) => put(each, guesses[at]))
    const problem = model.get('problem')
    hint.textContent = problem && `✗ ${problem}`
    box.say(model.get('verdict'))
    const heard = problem || model.get('verdict').verdict
    if (said && heard !== said) box.announce(heard)
    said = heard
  }
  return follow(model, ['guesses', 'verdict', 'problem'], draw)
}

export default { render: whileAlive(render) }
