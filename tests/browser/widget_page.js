// What tests do with a notebook: run a cell, ask the kernel, remove a cell, measure.
(() => {
  const { commands, shell } = window.jupyterapp
  const panel = shell.currentWidget
  const notebook = panel.content
  const kernel = panel.context.sessionContext.session.kernel
  /** @type {string[]} */
  const said = []
  // JupyterLab asks a new kernel for the widgets of the old one, or for any at all before it knows widgets,
  // and that kernel wonders aloud.
  let restarted = false
  const WONDERS = /No such comm/
  const plain = (text) => text.replace(/\x1b\[[\d;]*m/g, '')
  const hear = (message) => {
    const { content, header: { msg_type: kind } } = message
    if (kind === 'error') said.push(`kernel: ${plain(content.traceback.join('\n'))}`)
    if (kind === 'stream' && content.name === 'stderr' && !restarted && !WONDERS.test(content.text)) said.push(`kernel: ${plain(content.text)}`)
  }
  kernel.iopubMessage.connect((_, message) => hear(message))

  // What was told to the kernel by a widget, and is not dealt with yet.
  const told = new Set()
  kernel.anyMessage.connect((_, { msg: { header, parent_header: parent, content }, direction }) => {
    if (direction === 'send' && header.msg_type.startsWith('comm_')) told.add(header.msg_id)
    if (direction === 'recv' && header.msg_type === 'status' && content.execution_state === 'idle') told.delete(parent.msg_id)
  })

  const cellOf = (mark) => notebook.widgets.findIndex((cell) => cell.node.dataset.shown === mark)
  window.lesson = {
    said,

    async cell(code, mark) {
      if (notebook.widgets.length) {
        notebook.activeCellIndex = notebook.widgets.length - 1
        await commands.execute('notebook:insert-cell-below')
      } else {
        notebook.model.sharedModel.insertCell(0, { cell_type: 'code' })
        notebook.activeCellIndex = 0
      }
      const cell = notebook.activeCell
      cell.node.dataset.shown = mark
      cell.model.sharedModel.setSource(code)
      await commands.execute('notebook:run-cell')
      const error = cell.model.outputs.toJSON().find((output) => output.output_type === 'error')
      return error ? plain(error.traceback.join('\n')) : ''
    },

    async execute(code, expression) {
      const future = kernel.requestExecute({ code, store_history: false, user_expressions: { value: expression } })
      let printed = ''
      future.onIOPub = ({ header, content }) => { if (header.msg_type === 'stream') printed += content.text }
      const { content } = await future.done
      if (content.status !== 'ok') return { error: plain(content.traceback.join('\n')) }
      const { value } = content.user_expressions
      if (value.status !== 'ok') return { error: `${value.ename}: ${value.evalue}` }
      return { printed, value: value.data['text/plain'] }
    },

    async settle() {
      // An answer may lead to the next question, a turn or two later.
      const deadline = performance.now() + 20_000
      for (let quiet = 0; quiet < 3; quiet += 1) {
        await this.drawn()
        if (told.size) quiet = 0
        if (performance.now() > deadline) throw new Error(`the kernel left ${told.size} edits unanswered`)
      }
    },

    async remove(mark) {
      notebook.deselectAll()
      notebook.activeCellIndex = cellOf(mark)
      await commands.execute('notebook:delete-cell')
    },

    async open(path) {
      const beside = await commands.execute('docmanager:open', { path, factory: 'Notebook' })
      await beside.context.ready
      await beside.revealed
      beside.content.node.id = 'beside'
    },

    async end() {
      await panel.context.save()
      await panel.context.sessionContext.shutdown()
      panel.dispose()
    },

    back() { shell.activateById(panel.id) },

    async restart() {
      restarted = true
      await panel.context.sessionContext.session.kernel.restart()
      await kernel.info
      told.clear()
    },

    clear() {
      // Without the menu's command, which leaves an empty cell behind.
      notebook.model.sharedModel.deleteCellRange(0, notebook.model.sharedModel.cells.length)
      said.length = 0
      window.forget()
    },

    /** How wide a picture can be. That of a widget that was closed is still there, without a width. */
    column() {
      const outputs = [...notebook.node.querySelectorAll('.jp-OutputArea-output')]
      return outputs.map((output) => output.clientWidth).find((width) => width > 0) ?? null
    },

    drawn() { return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))) },

    async settled(node) {
      const finite = (animation) => animation.effect.getComputedTiming().endTime !== Infinity
      await Promise.all(node.getAnimations({ subtree: true }).filter(finite).map((animation) => animation.finished.catch(() => {})))
      await this.drawn()
    },

    overflow(node) {
      const edge = node.getBoundingClientRect().right
      const name = (element) => `${element.localName}.${element.getAttribute('class') ?? ''}`
      const scrolls = (element) => element !== node && element !== document.body && ['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(element).overflowX)
      const inside = (element) => {
        for (let at = element.parentElement; at && at !== node; at = at.parentElement) if (scrolls(at)) return true
        return false
      }
      const found = []
      for (const element of node.querySelectorAll('*')) {
        const box = element.getBoundingClientRect()
        if (box.width > 1 && box.right > edge + 1 && !inside(element)) found.push(`${name(element)} ends ${Math.round(box.right - edge)} px beyond the picture`)
      }
      for (let at = node; at && !at.classList.contains('jp-Notebook'); at = at.parentElement) {
        if (at.scrollWidth > at.clientWidth + 1 && at.clientWidth) found.push(`${name(at)} scrolls sideways by ${at.scrollWidth - at.clientWidth} px`)
      }
      return found
    },
  }
})()
