// @ts-check
// MT19937 of Matsumoto and Nishimura (1998), from which torch, numpy and Python's `random` draw.

const SIZE = 624
const [UPPER, LOWER, TWIST] = [0x80000000, 0x7fffffff, 0x9908b0df]

export class MersenneTwister {
  /** @param {number} [seed] */
  constructor(seed = 0) {
    this.state = new Uint32Array(SIZE)
    this.next = 0
    this.seed(seed)
  }

  /**
   * Begin anew from a whole number of 32 bits, as torch.manual_seed and numpy's RandomState do.
   *
   * @param {number} seed
   */
  seed(seed) {
    const { state } = this
    state[0] = seed
    for (let k = 1; k < SIZE; k++) state[k] = Math.imul(1812433253, mixed(state[k - 1])) + k
    this.next = 0
  }

  /**
   * Begin anew from a whole number of 32 bits, as Python's random.seed does.
   *
   * @param {number} seed
   */
  seedAsPython(seed) {
    const { state } = this
    this.seed(19650218)
    let k = 1
    const goOn = () => {
      if (++k < SIZE) return
      state[0] = state[SIZE - 1]
      k = 1
    }
    for (let i = 0; i < SIZE; i++, goOn()) state[k] = (state[k] ^ Math.imul(1664525, mixed(state[k - 1]))) + seed
    for (let i = 1; i < SIZE; i++, goOn()) state[k] = (state[k] ^ Math.imul(1566083941, mixed(state[k - 1]))) - k
    state[0] = UPPER
  }

  /** 32 bits. */
  draw() {
    const { state, next: k } = this
    const after = k + 1 < SIZE ? k + 1 : 0
    const bits = (state[k] & UPPER) | (state[after] & LOWER)
    let drawn = state[(k + 397) % SIZE] ^ (bits >>> 1) ^ (bits & 1 ? TWIST : 0)
    state[k] = drawn
    this.next = after
    drawn ^= drawn >>> 11
    drawn ^= (drawn << 7) & 0x9d2c5680
    drawn ^= (drawn << 15) & 0xefc60000
    return (drawn ^ (drawn >>> 18)) >>> 0
  }

  /** A number from 0 to 1 of 53 bits, as numpy's and Python's random() draw it. */
  uniform() {
    const high = this.draw() >>> 5
    return (high * 2 ** 26 + (this.draw() >>> 6)) / 2 ** 53
  }
}

/** @param {number} word */
function mixed(word) {
  return word ^ (word >>> 30)
}
