// @ts-check
// What the server sends, and is sent back: its types, which dashboard/charts/wire.py says in Python (a test
// holds the two together), and its bytes.

/** @typedef {Float32Array | Float64Array | Int32Array | Uint8Array | Uint32Array} Numbers */

/** @import { Stored } from "./dataset.js" */
/** @import { Loss } from "./losses.js" */
/** @import { OptimizerName } from "./optimizers.js" */
/** @import { ScheduleName } from "./schedules.js" */
/** @import { SourceName } from "./sources.js" */

/**
 * What the player draws on a chart.
 *
 * @typedef {"losses" | "traces" | "surface" | "minibatch" | "data" | "epoch"} Mark
 */

/**
 * What run_charts.js draws a chart as, of whatever run, its note too, or another learner does.
 *
 * @typedef {"losses" | "traces" | "late_losses" | "late_traces" | "spectrum" | "surface" | "data" | "runs" | "race" | "stability" | "noise"} Follows
 */

/**
 * The colour at each position between 0 and 1.
 *
 * @typedef {[position: number, colour: string][]} Stops
 */

/**
 * The colours of a theme by name; a figure names one as `$name`.
 *
 * @typedef {object} Colours
 * @property {string} class0
 * @property {string} class1
 * @property {string} minibatch
 * @property {string} full
 * @property {string} w
 * @property {string} b
 * @property {string} casing around an arrow
 * @property {string} grid
 */

/**
 * @typedef {object} Palette
 * @property {Colours} light
 * @property {Colours} dark
 */

/**
 * What the colours of a chart mean.
 *
 * @typedef {object} Bar
 * @property {string} low
 * @property {string} high
 * @property {Stops} stops
 * @property {string} words whose range it is
 */

/**
 * A term that is explained where it stands.
 *
 * @typedef {object} SentTerm
 * @property {string} name
 * @property {string} says
 */

/**
 * A term in a note.
 *
 * @typedef {object} PlacedTerm
 * @property {string} name
 * @property {string} says
 * @property {number} start its first letter
 * @property {number} end behind its last
 */

/**
 * A text and the terms that are explained in it.
 *
 * @typedef {object} Words
 * @property {string} text
 * @property {PlacedTerm[]} terms
 */

/**
 * A figure and what stands above it; one without data is drawn by the player alone.
 *
 * @typedef {object} SentChart
 * @property {string} name of its place in the grid
 * @property {string} title
 * @property {string} note
 * @property {PlacedTerm[]} terms of the note
 * @property {Words} answer what of a chart that follows only the server can say, after the note
 * @property {Trace[] | null} data
 * @property {Layout | null} layout
 * @property {Bar | null} bar
 * @property {boolean} clickable a click tells the server where it was
 * @property {boolean} seekable a click goes to the step under it
 * @property {Mark | null} mark
 * @property {Follows | null} follows
 */

/**
 * Which data to draw.
 *
 * @typedef {object} SentData
 * @property {SourceName} source
 * @property {number} n
 * @property {number} noise
 * @property {number} seed
 * @property {Stored} stored
 */

/**
 * The order in which a run sees the points.
 *
 * @typedef {"none" | "once" | "each_epoch" | "replacement"} Shuffle
 */

/**
 * How to train; a start that is null is torch's own, and a hyperparameter that of its optimizer.
 *
 * @typedef {object} SentTraining
 * @property {Loss} loss
 * @property {OptimizerName} optimizer
 * @property {number} lr
 * @property {ScheduleName} schedule
 * @property {number} batch_size
 * @property {number} epochs
 * @property {Shuffle} shuffle
 * @property {boolean} drop_last
 * @property {number} seed
 * @property {number | null} init_w
 * @property {number | null} init_b
 * @property {number} randn_before_model
 * @property {number | null} momentum
 * @property {number | null} dampening
 * @property {number | null} weight_decay
 * @property {number | null} eps
 * @property {number | null} beta1
 * @property {number | null} beta2
 * @property {boolean} amsgrad
 * @property {number | null} momentum_decay
 * @property {number | null} alpha
 * @property {boolean} centered
 * @property {number | null} rho
 * @property {number | null} lr_decay
 * @property {number | null} initial_accumulator_value
 */

/** @typedef {"steps" | "epochs" | "examples" | "time"} Unit in which charts along a run count */

/**
 * How a page looks at runs: each page has those that it can follow.
 *
 * @typedef {object} SentLooks
 * @property {Unit} [unit]
 * @property {number} [step_cost] the time of a step besides its looks at points, counted in looks
 * @property {number} [seeds] of so many runs; they count up from the chosen one
 * @property {OptimizerName[]} [optimizers] that race
 * @property {number} [adaptive_lr] the learning rate of those that are adaptive
 * @property {boolean} [is_matched] whether a momentum's learning rate is smaller, so that it is no faster
 * @property {boolean} [replacement] how minibatches are drawn whose gradients are looked at, ...
 * @property {number} [seed]
 * @property {number | null} [point_w] ... and where; null is that of the lowest loss of the surface's grid
 * @property {number | null} [point_b]
 */

/**
 * Everything a board depends on.
 *
 * @typedef {object} SentSettings
 * @property {SentData} data
 * @property {SentTraining} train
 * @property {SentLooks} looks
 */

/**
 * A setting that differs from cell to cell.
 *
 * @typedef {object} SentAxis
 * @property {"data" | "train"} part of the settings
 * @property {string} name
 * @property {string} label
 * @property {(number | string)[]} values
 * @property {string[]} labels of the values
 */

/**
 * The runs of a grid of cells, from which each can be trained.
 *
 * @typedef {object} SentCells
 * @property {SentSettings} settings that they share
 * @property {SentAxis} across
 * @property {SentAxis} up
 * @property {number} runs of a cell; their seeds count up from that of the settings
 * @property {Int32Array[]} epochs of each row's cells, ...
 * @property {Int32Array[]} steps ... of which the budget allows so many, ...
 * @property {Float64Array[]} targets ... and the loss to be reached; NaN where there is none
 */

/**
 * A run to play: what it is trained with, and how it is drawn.
 *
 * @typedef {object} SentRun
 * @property {SentSettings} settings
 * @property {Stops} stops
 */

/**
 * What a board is of, where its settings say all of that.
 *
 * @typedef {object} SentAsked
 * @property {SentSettings} settings
 */

/**
 * A symmetrical matrix of w and b.
 *
 * @typedef {object} SentMatrix
 * @property {number} ww
 * @property {number} wb
 * @property {number} bb
 */

/**
 * A minimum of the loss on all the data, and its Hessian there.
 *
 * @typedef {object} SentMinimum
 * @property {number} w
 * @property {number} b
 * @property {number} loss
 * @property {SentMatrix} hessian
 */

/**
 * What the learning rates are about that runs can bear, and those found so far, by momentum.
 *
 * @typedef {object} SentStability
 * @property {SentSettings} settings of the chosen run
 * @property {SentMinimum | null} minimum
 * @property {number[]} momenta at which the law is drawn, beside the chosen one
 * @property {[momentum: number, lr: number | null][]} found null where runs do not tell
 */

/**
 * @typedef {object} View
 * @property {string} plotly where plotly.js is, seen from the folder of these modules
 * @property {[label: string, value: string][]} metrics
 * @property {Record<string, SentTerm>} labels of numbers that name a term
 * @property {SentChart[]} charts
 * @property {SentRun | null} player
 * @property {SentCells | null} cells of its clickable charts, if their runs can be shown
 * @property {SentAsked | null} runs of which the charts are that follow the hand, if they differ by their seed
 * @property {SentAsked | null} race of which they are, if they are of one
 * @property {SentStability | null} stability that they are about, if they are
 * @property {SentAsked | null} noise that they are about, if they are
 * @property {string} areas as CSS has grid-template-areas
 * @property {boolean} aligned captions in rows of their own, so that plots side by side are of one size
 * @property {string} rows
 * @property {string} columns
 * @property {number} fold pixels; a narrower page has its charts one below another, ...
 * @property {number} stacked ... each so many pixels high
 * @property {Palette} palette
 */

/**
 * What is sent back: where a clickable chart was clicked.
 *
 * @typedef {object} Click
 * @property {string} chart
 * @property {number} x
 * @property {number} y
 */

/**
 * Another page, in place of this one in the history or after it.
 *
 * @typedef {object} GoTo
 * @property {string} address
 * @property {boolean} instead
 */

/**
 * What a lesson asks to foretell on a chart, or what was foretold there.
 *
 * @typedef {object} SentForetold
 * @property {"losses" | "surface"} mark of the chart
 * @property {number[]} drawn values at equal parts of the run, or b and w of a point; none before they are drawn
 * @property {string} label of the button that says so
 */

/**
 * The step of the run at which a lesson has the player stand, without what comes after it.
 *
 * @typedef {object} SentLed
 * @property {number | null} step
 * @property {boolean} waits whether the lesson waits until the run is played
 */

/**
 * The QR code of an address, as that of a picture; without one, a sentence that says why.
 *
 * @typedef {object} SentCode
 * @property {string} address
 * @property {string} picture
 * @property {string} says
 */

/**
 * What a page and its controls are called, by the keys that its address has.
 *
 * @typedef {object} SentLabels
 * @property {string} title
 * @property {Record<string, string>} labels
 * @property {boolean} [presents] where it is presented to a hall
 */

/**
 * What is sent to share a page: the code asked for last, and keys of controls as an example.
 *
 * @typedef {object} SentShare
 * @property {SentCode | null} code
 * @property {Record<string, string>} hide
 */

/**
 * The first part of the bytes.
 *
 * @typedef {object} Head
 * @property {string} revision names all that is sent
 * @property {Place[]} arrays
 * @property {View} view with {array: number} in place of an array
 */

/**
 * Where an array lies after the head.
 *
 * @typedef {object} Place
 * @property {keyof typeof ARRAYS} dtype
 * @property {number[]} shape
 * @property {number} start
 */

/**
 * A setting that is followed, and the values that it can have.
 *
 * @typedef {object} SentValues
 * @property {"data" | "train" | "looks"} part
 * @property {string} name
 * @property {string} label
 * @property {"whole" | "number" | "switch" | "choice" | "choices"} kind
 * @property {number | null} minimum of a number
 * @property {number | null} maximum
 * @property {Record<string, string> | null} choices labels by their values
 * @property {boolean} optional whether it may be left empty
 */

/**
 * What is said of a hyperparameter beside one optimizer.
 *
 * @typedef {object} SentOwn
 * @property {string} help
 * @property {string} placeholder what is meant where it is left empty
 */

/**
 * A setting that a page to take away has a control for.
 *
 * @typedef {object} SentControl
 * @property {"data" | "train" | "looks"} part
 * @property {string} name
 * @property {string} label
 * @property {"whole" | "number" | "switch" | "choice" | "choices"} kind
 * @property {number | null} minimum of a number
 * @property {number | null} maximum
 * @property {Record<string, string> | null} choices labels by their values
 * @property {boolean} optional whether it may be left empty
 * @property {string} key in an address
 * @property {string} help
 * @property {string} placeholder what is meant where it is left empty
 * @property {Record<string, SentOwn>} own what is said in their place beside an optimizer
 * @property {number[]} stops of its slider, if it has one
 * @property {Value} default what the page of the dashboard opens with
 */

/** @typedef {number | string | string[] | boolean | null} Value */

/**
 * What a page to take away is made of.
 *
 * @typedef {object} SentPage
 * @property {string} board its bytes, in base64
 * @property {string} dashboard the address of the page that it is of
 * @property {[key: string, text: string][]} others what that address says besides settings of the run
 * @property {SentControl[][]} above controls in rows
 * @property {SentControl[][]} more controls that are seldom used
 * @property {Record<string, string>} repairs what is said of values that can't be together, by their keys
 */

/**
 * A trace of a Plotly figure, as far as it is read here.
 *
 * @typedef {object} Trace
 * @property {string} [type]
 * @property {string} [mode]
 * @property {string} [name] in the legend
 * @property {ArrayLike<number>} [x]
 * @property {ArrayLike<number>} [y]
 * @property {Numbers[]} [customdata] of a kept run, in place of x: the steps, epochs and examples before each point
 * @property {Numbers[]} [z]
 * @property {string[][]} [text] what each cell comes to
 * @property {number} [zmin]
 * @property {number} [zmax]
 * @property {string} [xaxis]
 * @property {string} [yaxis]
 * @property {{ color?: string, width?: number, dash?: string }} [line]
 * @property {string} [hovertemplate]
 * @property {string} [fill]
 * @property {string} [fillcolor]
 * @property {number} [opacity]
 * @property {boolean} [showlegend]
 * @property {number} [zorder]
 * @property {string} [meta] what it shows
 */

/**
 * @typedef {object} Axis
 * @property {string} [tickformat]
 * @property {number} [nticks]
 * @property {number} [dtick]
 * @property {number[]} [tickvals]
 * @property {string[]} [ticktext]
 * @property {number} [tickangle]
 * @property {[number, number]} [range]
 * @property {boolean} [visible]
 * @property {{ text?: string, font?: object }} [title]
 * @property {string} [uirevision] with which its zoom goes
 */

/**
 * A band of a Plotly figure.
 *
 * @typedef {object} Shape
 * @property {string} xref
 * @property {string} yref
 * @property {number} x0
 * @property {number} x1
 */

/**
 * The layout of a Plotly figure, as far as it is read here.
 *
 * @typedef {{ legend?: object, xaxis?: Axis, yaxis?: Axis, xaxis2?: Axis, yaxis2?: Axis, shapes?: Shape[] }} Layout
 */

const ARRAYS = { f4: Float32Array, f8: Float64Array, i4: Int32Array, u1: Uint8Array, u4: Uint32Array }
const LENGTH = 8 // bytes of the head's length, a multiple of which every array starts at

/**
 * Bytes -> the view and its revision, each {array: number} replaced by a typed array, or its rows.
 *
 * @param {Uint8Array} bytes
 * @returns {Promise<{ revision: string, view: View }>}
 */
export async function decode(bytes) {
  const buffer = bytes.slice().buffer // a copy starts at an aligned address
  const length = Number(new DataView(buffer).getBigUint64(0, true))
  const after = LENGTH * (1 + Math.ceil(length / LENGTH))
  /** @type {Head} */
  const head = JSON.parse(await inflated(new Uint8Array(buffer, LENGTH, length)))
  const arrays = head.arrays.map(({ dtype, shape, start }) => {
    const size = shape.reduce((a, b) => a * b, 1)
    const flat = new ARRAYS[dtype](buffer, after + start, size)
    if (shape.length === 1) return flat
    return Array.from({ length: shape[0] }, (_, row) => flat.subarray(row * shape[1], (row + 1) * shape[1]))
  })
  return { revision: head.revision, view: /** @type {View} */ (restored(head.view, arrays)) }
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
function inflated(bytes) {
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).text()
}

/**
 * @param {unknown} value
 * @param {(Numbers | Numbers[])[]} arrays
 * @returns {unknown}
 */
function restored(value, arrays) {
  if (Array.isArray(value)) return value.map((item) => restored(item, arrays))
  if (value === null || typeof value !== "object") return value
  if ("array" in value) return arrays[Number(value.array)]
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, restored(item, arrays)]))
}
