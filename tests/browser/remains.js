// What scripts of widgets (modules from a blob: address) start, and have not ended yet. Runs before the page's own.
(() => {
  /** @type {Map<unknown, string>} */
  const alive = new Map()
  const from = () => {
    const line = (new Error().stack ?? '').split('\n').find((frame) => frame.includes('blob:'))
    return line && line.trim().replace(/blob:\S*\/[\w-]+:/, 'line ')
  }

  const replace = (start, end, repeats) => {
    const [begin, stop] = [window[start], window[end]]
    window[start] = (callback, ...rest) => {
      const maker = from()
      if (!maker || typeof callback !== 'function') return begin.call(window, callback, ...rest)
      const id = begin.call(window, (...given) => {
        if (!repeats) alive.delete(`${end} ${id}`)
        return callback(...given)
      }, ...rest)
      alive.set(`${end} ${id}`, `${start} ${maker}`)
      return id
    }
    window[end] = (id) => {
      alive.delete(`${end} ${id}`)
      return stop.call(window, id)
    }
  }
  replace('setInterval', 'clearInterval', true)
  replace('setTimeout', 'clearTimeout', false)
  replace('requestAnimationFrame', 'cancelAnimationFrame', false)
  replace('requestIdleCallback', 'cancelIdleCallback', false)

  // What listens on an element of its own is collected with it.
  const outlives = (target) => [window, document, document.body, document.documentElement].includes(target)
  const { addEventListener, removeEventListener } = EventTarget.prototype
  /** @type {WeakMap<object, Map<string, symbol>>} */
  const listening = new WeakMap()
  const name = (target, kind, options) =>
    `${target === window ? 'window' : target.nodeName} ${kind} ${Boolean(typeof options === 'object' ? options?.capture : options)}`
  EventTarget.prototype.addEventListener = function (kind, listener, options) {
    const target = this ?? window
    const maker = listener && outlives(target) && from()
    if (maker && !options?.signal?.aborted) {
      const mine = listening.get(listener) ?? listening.set(listener, new Map()).get(listener)
      const own = name(target, kind, options)
      const id = mine.get(own) ?? Symbol(own)
      const gone = () => { alive.delete(id); mine.delete(own) }
      mine.set(own, id)
      alive.set(id, `listener of ${kind} ${maker}`)
      if (options?.signal) addEventListener.call(options.signal, 'abort', gone)
      if (options?.once) addEventListener.call(target, kind, gone, { once: true })
    }
    return addEventListener.call(target, kind, listener, options)
  }
  EventTarget.prototype.removeEventListener = function (kind, listener, options) {
    const target = this ?? window
    const mine = listener && outlives(target) && listening.get(listener)
    if (mine) {
      alive.delete(mine.get(name(target, kind, options)))
      mine.delete(name(target, kind, options))
    }
    return removeEventListener.call(target, kind, listener, options)
  }

  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given)
      const maker = from()
      if (maker) alive.set(this, `WebSocket ${maker}`)
    }
  }

  window.remains = () => {
    for (const it of alive.keys()) if (it instanceof WebSocket && it.readyState === WebSocket.CLOSED) alive.delete(it)
    return [...alive.values()]
  }
  window.forget = () => alive.clear()
})()
