// What the page of the editor takes from yjs and y-protocols; bundle.mjs makes one file of it.
export {
  Doc, UndoManager, applyUpdate, createAbsolutePositionFromRelativePosition, createRelativePositionFromJSON,
  createRelativePositionFromTypeIndex, encodeStateAsUpdate, encodeStateVector, mergeUpdates,
} from 'yjs'
export { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate, removeAwarenessStates } from 'y-protocols/awareness'
export { readVarUint, readVarUint8Array, createDecoder } from 'lib0/decoding'
export { createEncoder, toUint8Array, writeVarUint, writeVarUint8Array } from 'lib0/encoding'
