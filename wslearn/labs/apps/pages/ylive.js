// A connection that keeps a Yjs document and the cursors in it equal with the server's, and comes back.
import { Live } from './live.js'
import {
  applyAwarenessUpdate, applyUpdate, createDecoder, createEncoder, encodeAwarenessUpdate, encodeStateAsUpdate, encodeStateVector,
  mergeUpdates, readVarUint, readVarUint8Array, removeAwarenessStates, toUint8Array, writeVarUint, writeVarUint8Array,
} from './yjs.js'

const SYNC = 0, AWARENESS = 1 // kinds of messages; see wslearn/labs/apps/ysync.py
const STATE = 0, ANSWER = 1, UPDATE = 2 // steps of SYNC
const PACE = 80 // milliseconds between two messages of one kind: what is written meanwhile goes together

/** Call a function now, and then at most every `pace` milliseconds. @param {() => void} act @param {number} pace */
export function paced(act, pace = PACE) {
  let timer = 0, again = false
  const rest = () => {
    timer = again ? setTimeout(rest, pace) : 0
    if (again) act()
    again = false
  }
  return () => {
    if (timer) return void (again = true)
    act()
    timer = setTimeout(rest, pace)
  }
}

export class YLive extends Live {
  /** @param {string} path @param {import('./live.js').Handlers} handlers @param {any} doc @param {any} awareness */
  constructor(path, handlers, doc, awareness) {
    super(path, handlers)
    Object.assign(this, { doc, awareness })
    this.written = this.confirmed = 0 // updates of this page
    this.sent = this.merged = { count: 0, bytes: 0, last: 0 }
    /** @type {Uint8Array[]} what is written and not sent; none of it counts while the server has not asked yet */
    this.waiting = []
    /** @type {number|null} how much was written when the last question left that is not answered */
    this.asked = null
    this.equal = false // the server asked for what it lacked, on this connection
    /** @type {ArrayBuffer[]|null} what came while nothing may change */
    this.held = null
    this.flush = paced(() => this.send())
    doc.on('update', (update, origin) => {
      if (origin === this) return
      this.written++
      this.waiting.push(update)
      this.flush()
      this.tell(this.state)
    })
    const move = paced(() => this.point())
    awareness.on('update', ({ added, updated, removed }) => {
      if ([...added, ...updated, ...removed].includes(doc.clientID)) move()
    })
  }

  get unsent() { return (this.written ?? 0) - (this.confirmed ?? 0) }

  opened() {
    this.socket.binaryType = 'arraybuffer'
    this.equal = false
    this.asked = null
    this.forget()
    this.awareness.setLocalState(this.awareness.getLocalState()) // newer than what the old connection said
  }

  /** Forget where the others are: whoever is there says it again. */
  forget() {
    const others = [...this.awareness.meta.keys()].filter((id) => id !== this.doc.clientID)
    removeAwarenessStates(this.awareness, others, this)
    for (const id of others) this.awareness.meta.delete(id)
  }

  read(data) {
    if (this.held) return void this.held.push(data)
    const from = createDecoder(new Uint8Array(data))
    if (readVarUint(from) === AWARENESS) return applyAwarenessUpdate(this.awareness, readVarUint8Array(from), this)
    const step = readVarUint(from), payload = readVarUint8Array(from)
    if (step === STATE) {
      this.waiting = []
      this.post(ANSWER, encodeStateAsUpdate(this.doc, payload))
      this.equal = true
      return this.ask()
    }
    applyUpdate(this.doc, payload, this)
    if (step === UPDATE) this.merged = counted(this.merged, payload)
    else this.answered()
  }

  answered() {
    this.attempt = 0
    this.confirmed = Math.max(this.confirmed, this.asked ?? 0)
    this.asked = null
    if (this.confirmed < this.written - this.waiting.length) this.ask()
    this.tell(this.state)
  }

  /** Say what is here: the answer comes behind all that was sent before, and confirms it. */
  ask() {
    if (this.asked !== null) return
    this.asked = this.written - this.waiting.length
    this.post(STATE, encodeStateVector(this.doc))
  }

  send() {
    if (!this.equal || !this.waiting.length || this.socket.readyState !== WebSocket.OPEN) return
    const update = mergeUpdates(this.waiting)
    this.waiting = []
    this.sent = counted(this.sent, update)
    this.post(UPDATE, update)
    this.ask()
  }

  /** Say where this page writes. */
  point() {
    if (this.socket.readyState !== WebSocket.OPEN) return
    this.socket.send(encoded(AWARENESS, encodeAwarenessUpdate(this.awareness, [this.doc.clientID])))
  }

  /** @param {number} step @param {Uint8Array} payload */
  post(step, payload) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(encoded(SYNC, step, payload))
  }

  /** Let nothing change from outside until `release`. */
  hold() { this.held ??= [] }

  release() {
    const held = this.held ?? []
    this.held = null
    for (const data of held) this.read(data)
  }
}

const counted = ({ count, bytes }, update) => ({ count: count + 1, bytes: bytes + update.length, last: update.length })

/** @param {...(number|Uint8Array)} parts */
function encoded(...parts) {
  const to = createEncoder()
  for (const part of parts) typeof part === 'number' ? writeVarUint(to, part) : writeVarUint8Array(to, part)
  return toUint8Array(to)
}
