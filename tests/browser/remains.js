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

  const { addEventListener, removeEventListener } = EventTarget.prototype
  const outlives = (target) => !(target instanceof Node) || target === document || target === document.body || target === document.documentElement
  const key = (listener, kind, options) => JSON.stringify([kind, Boolean(typeof options === 'object' ? options?.capture : options)])
  /** @type {Map<EventTarget, Map<unknown, Set<string>>>} */
  const listeners = new Map()
  EventTarget.prototype.addEventListener = function (kind, listener, options) {
    const target = this ?? window
    const maker = listener && outlives(target) && !(target instanceof WebSocket) && from()
    if (maker && !options?.signal?.aborted) {
      const own = `${kind} ${alive.size} ${Math.random()}`
      const known = listeners.get(target) ?? listeners.set(target, new Map()).get(target)
      const kinds = known.get(listener) ?? known.set(listener, new Map()).get(listener)
      if (!kinds.has(key(listener, kind, options))) {
        kinds.set(key(listener, kind, options), own)
        // A signal or a list of media that nothing refers to is collected with its listeners.
        if ([window, document, document.body, document.documentElement].includes(target)) alive.set(own, `listener of ${kind} ${maker}`)
        const gone = () => { alive.delete(own); kinds.delete(key(listener, kind, options)) }
        if (options?.signal) addEventListener.call(options.signal, 'abort', gone)
        if (options?.once) addEventListener.call(target, kind, gone, { once: true })
      }
    }
    return addEventListener.call(target, kind, listener, options)
  }
  EventTarget.prototype.removeEventListener = function (kind, listener, options) {
    const target = this ?? window
    const kinds = listeners.get(target)?.get(listener)
    const own = kinds?.get(key(listener, kind, options))
    if (own) { alive.delete(own); kinds.delete(key(listener, kind, options)) }
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
