// @ts-check
// Work that a generator does, a slice of time at a time.

export class Slices {
  /** @param {Generator<boolean | void, void>} work gives true where there is something to see */
  constructor(work) {
    this.work = work
    this.isDone = false
    this.spent = 0 // milliseconds
    this.until = 0 // as performance.now() counts: what the work begins may take so long
  }

  /**
   * Go on until the time is up, to the end, or to where there is something to see; returns whether there is.
   *
   * @param {number} until
   */
  goOn(until) {
    const began = performance.now()
    this.until = until
    /** @type {IteratorResult<boolean | void, void>} */
    let now
    do now = this.work.next()
    while (!now.done && !now.value && performance.now() < until)
    this.spent += performance.now() - began
    this.isDone = now.done === true
    return now.value === true
  }
}
