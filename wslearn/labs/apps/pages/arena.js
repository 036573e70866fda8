// Draws the arena: figures glide from where they were drawn to where they are.
const RADIUS = 14, GLIDE = 0.35 // how much of the way in each picture
const SMALLEST = 11 // pixels of the screen, for letters, however small the arena is

/**
 * Draw for ever.
 * @param {HTMLCanvasElement} canvas
 * @param {() => {world: any, names: Record<string, string>, you: string, guess: {x: number, y: number}|null}} state
 * @param {(who: string) => string} hue the class that has a figure's colour
 */
export function draw(canvas, state, hue) {
  const still = matchMedia('(prefers-reduced-motion: reduce)')
  const context = canvas.getContext('2d'), colour = inks()
  /** @type {Map<string, {x: number, y: number}>} where each was drawn last */
  let drawn = new Map()
  const frame = () => {
    const { world, names, you, guess } = state()
    sharpen(canvas, context)
    for (const [x, y] of world.coins) coin(context, colour, x, y)
    const next = new Map()
    for (const [who, figure] of world.figures) {
      const mine = who === you, to = mine && guess ? guess : figure, from = drawn.get(who) ?? to
      const glide = still.matches ? 1 : GLIDE
      const place = { x: from.x + (to.x - from.x) * glide, y: from.y + (to.y - from.y) * glide }
      next.set(who, place)
      if (mine) ring(context, colour, figure, place)
      person(context, colour, hue(who), place, figure, names[who] ?? '', mine)
    }
    drawn = next
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
}

/** Colours as the style sheet has them now: a canvas knows neither variables nor the dark theme. */
function inks() {
  const spans = new Map()
  return (name) => {
    if (!spans.has(name)) {
      const span = document.createElement('span')
      span.className = `ink ${name}`
      document.body.append(span)
      spans.set(name, getComputedStyle(span))
    }
    return spans.get(name).color
  }
}

/** Fit the canvas to the pixels that it has, and begin a picture of 640 by 400. */
function sharpen(canvas, context) {
  const width = Math.round(canvas.clientWidth * devicePixelRatio), height = Math.round(width * 0.625)
  if (canvas.width !== width && width) Object.assign(canvas, { width, height })
  context.setTransform(canvas.width / 640, 0, 0, canvas.height / 400, 0, 0)
  context.clearRect(0, 0, 640, 400)
}

function circle(context, x, y, radius) {
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
}

function coin(context, colour, x, y) {
  circle(context, x, y, 8)
  context.fillStyle = colour('coin')
  context.fill()
  circle(context, x, y, 5)
  context.strokeStyle = colour('coin-edge')
  context.lineWidth = 1.5
  context.stroke()
}

/** Where the server has the figure, and a line to where this page draws it. */
function ring(context, colour, figure, place) {
  context.strokeStyle = colour('ink-text')
  context.lineWidth = 1.5
  context.setLineDash([4, 4])
  circle(context, figure.x, figure.y, RADIUS + 4)
  context.moveTo(figure.x, figure.y)
  context.lineTo(place.x, place.y)
  context.stroke()
  context.setLineDash([])
}

function person(context, colour, hue, { x, y }, { here, score }, name, mine) {
  context.globalAlpha = here ? 1 : 0.4
  circle(context, x, y, RADIUS)
  context.fillStyle = colour(hue)
  context.fill()
  if (mine) {
    context.strokeStyle = colour('ink-text')
    context.lineWidth = 3
    context.stroke()
  }
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  const size = Math.max(12, SMALLEST * 640 / context.canvas.clientWidth)
  context.font = `600 ${size}px system-ui, "DejaVu Sans", sans-serif`
  context.fillStyle = colour('ink-back')
  context.fillText(String(score), x, y + 1)
  context.font = `${size}px system-ui, "DejaVu Sans", sans-serif`
  context.fillStyle = colour('ink-text')
  const half = context.measureText(name).width / 2 + 4
  context.fillText(name, Math.min(Math.max(x, half), 640 - half), y < 370 ? y + RADIUS + size : y - RADIUS - size)
  context.globalAlpha = 1
}
