// @ts-check
// Written by `make docs` from dashboard/charts/notes.py; a change belongs there.

/**
 * A sentence with {places} for its numbers, and the terms that are explained in it.
 *
 * @typedef {{ text: string, terms: { name: string, says: string, words: string }[] }} Note
 */

/** @satisfies {Record<string, Note>} */
export const NOTES = {
  task: {"text": "We train p = σ(w x + b) to separate two classes.", "terms": [{"name": "the model", "says": "Each point has a feature x and a class y, 0 or 1. Training changes the numbers w and b. The sigmoid σ turns w x + b into p, the model's probability for class 1.", "words": "p = σ(w x + b)"}]},
  draws_one: {"text": "Each step draws 1 of the {n} points at random.", "terms": [{"name": "step", "says": "In one step the optimizer changes w and b once.", "words": "step"}]},
  draws: {"text": "Each step makes {size} random draws from the {n} points, so a point may come more than once.", "terms": [{"name": "step", "says": "In one step the optimizer changes w and b once.", "words": "step"}]},
  draws_short: {"text": "Each step makes {size} random draws from the {n} points, so a point may come more than once. The last step of an epoch makes only {short}.", "terms": [{"name": "step", "says": "In one step the optimizer changes w and b once.", "words": "step"}, {"name": "epoch", "says": "An epoch is a round of steps, one for each minibatch. It uses every point once, unless points are drawn with replacement or left out.", "words": "epoch"}]},
  uses_all: {"text": "Each step uses all {n} points.", "terms": [{"name": "step", "says": "In one step the optimizer changes w and b once.", "words": "step"}]},
  uses_both: {"text": "Each step uses both points.", "terms": [{"name": "step", "says": "In one step the optimizer changes w and b once.", "words": "step"}]},
  uses: {"text": "Each step uses {size} of the {n} points.", "terms": [{"name": "step", "says": "In one step the optimizer changes w and b once.", "words": "step"}]},
  uses_short: {"text": "Each step uses {size} of the {n} points, but the last step of an epoch only {short}.", "terms": [{"name": "step", "says": "In one step the optimizer changes w and b once.", "words": "step"}, {"name": "epoch", "says": "An epoch is a round of steps, one for each minibatch. It uses every point once, unless points are drawn with replacement or left out.", "words": "epoch"}]},
  uses_but: {"text": "Each step uses {size} of the {n} points, and {left} are left out in each epoch.", "terms": [{"name": "step", "says": "In one step the optimizer changes w and b once.", "words": "step"}, {"name": "epoch", "says": "An epoch is a round of steps, one for each minibatch. It uses every point once, unless points are drawn with replacement or left out.", "words": "epoch"}]},
  uses_but_one: {"text": "Each step uses {size} of the {n} points, and 1 is left out in each epoch.", "terms": [{"name": "step", "says": "In one step the optimizer changes w and b once.", "words": "step"}, {"name": "epoch", "says": "An epoch is a round of steps, one for each minibatch. It uses every point once, unless points are drawn with replacement or left out.", "words": "epoch"}]},
  many_steps: {"text": "So {per_epoch} steps make one epoch.", "terms": [{"name": "step", "says": "In one step the optimizer changes w and b once.", "words": "steps"}, {"name": "epoch", "says": "An epoch is a round of steps, one for each minibatch. It uses every point once, unless points are drawn with replacement or left out.", "words": "epoch"}]},
  one_step: {"text": "So 1 step makes one epoch.", "terms": [{"name": "step", "says": "In one step the optimizer changes w and b once.", "words": "step"}, {"name": "epoch", "says": "An epoch is a round of steps, one for each minibatch. It uses every point once, unless points are drawn with replacement or left out.", "words": "epoch"}]},
  lasts_epochs_and_steps: {"text": "Training lasts {epochs} epochs, {steps} steps.", "terms": [{"name": "epoch", "says": "An epoch is a round of steps, one for each minibatch. It uses every point once, unless points are drawn with replacement or left out.", "words": "epochs"}, {"name": "step", "says": "In one step the optimizer changes w and b once.", "words": "steps"}]},
  lasts_epoch_and_steps: {"text": "Training lasts 1 epoch, {steps} steps.", "terms": [{"name": "epoch", "says": "An epoch is a round of steps, one for each minibatch. It uses every point once, unless points are drawn with replacement or left out.", "words": "epoch"}, {"name": "step", "says": "In one step the optimizer changes w and b once.", "words": "steps"}]},
  lasts_epochs: {"text": "Training lasts {epochs} epochs.", "terms": [{"name": "epoch", "says": "An epoch is a round of steps, one for each minibatch. It uses every point once, unless points are drawn with replacement or left out.", "words": "epochs"}]},
  lasts_epoch: {"text": "Training lasts 1 epoch.", "terms": [{"name": "epoch", "says": "An epoch is a round of steps, one for each minibatch. It uses every point once, unless points are drawn with replacement or left out.", "words": "epoch"}]},
  schedule_constant: {"text": "The schedule is Constant.", "terms": [{"name": "schedule", "says": "A schedule changes the learning rate during the run.", "words": "schedule"}]},
  schedule_step: {"text": "The schedule is Step.", "terms": [{"name": "schedule", "says": "A schedule changes the learning rate during the run.", "words": "schedule"}]},
  schedule_exponential: {"text": "The schedule is Exponential.", "terms": [{"name": "schedule", "says": "A schedule changes the learning rate during the run.", "words": "schedule"}]},
  schedule_cosine: {"text": "The schedule is Cosine.", "terms": [{"name": "schedule", "says": "A schedule changes the learning rate during the run.", "words": "schedule"}]},
  schedule_warmup: {"text": "The schedule is Linear warm-up.", "terms": [{"name": "schedule", "says": "A schedule changes the learning rate during the run.", "words": "schedule"}]},
  schedule_one_cycle: {"text": "The schedule is One cycle.", "terms": [{"name": "schedule", "says": "A schedule changes the learning rate during the run.", "words": "schedule"}]},
  diverged: {"text": "Step {step} of {steps} diverges: its loss, or w or b after it, is not a finite number. The charts show the run up to there.", "terms": [{"name": "step", "says": "In one step the optimizer changes w and b once.", "words": "step"}, {"name": "loss", "says": "The loss says how wrong the model is, as a mean over points. Training makes it small.", "words": "loss"}, {"name": "w and b", "says": "w and b are the two numbers that training changes. The feature x is multiplied by the weight w, and the bias b is added.", "words": "w or b"}]},
  losses: {"text": "All the data: from {first} to {last}.", "terms": []},
  losses_alike: {"text": "All the data: {last} at the start and at the end, to the digits shown.", "terms": []},
  held_out: {"text": "Held-out data: {last} at the end.", "terms": [{"name": "held-out data", "says": "Held-out data are as many other points of the same source, drawn once. No step has seen them. Other points would give another loss.", "words": "Held-out data"}]},
  minibatches: {"text": "Minibatches of the last epoch: {low} to {high}.", "terms": [{"name": "minibatch", "says": "A minibatch is the points that one step looks at.", "words": "Minibatches"}, {"name": "epoch", "says": "An epoch is a round of steps, one for each minibatch. It uses every point once, unless points are drawn with replacement or left out.", "words": "epoch"}]},
  minibatches_alike: {"text": "Minibatches of the last epoch: each {low}, to all digits shown.", "terms": [{"name": "minibatch", "says": "A minibatch is the points that one step looks at.", "words": "Minibatches"}, {"name": "epoch", "says": "An epoch is a round of steps, one for each minibatch. It uses every point once, unless points are drawn with replacement or left out.", "words": "epoch"}]},
  nothing: {"text": "The very first step diverged.", "terms": [{"name": "step", "says": "In one step the optimizer changes w and b once.", "words": "step"}]},
  goes: {"text": "{name} goes from {first} to {last}.", "terms": []},
  returns: {"text": "{name} begins and ends at {last}, to the digits shown.", "terms": []},
  stays: {"text": "{name} stays at {last}, to the digits shown.", "terms": []},
  cut: {"text": "They are drawn within ±1,000,000, up to step {step}.", "terms": [{"name": "step", "says": "In one step the optimizer changes w and b once.", "words": "step"}]},
  late_epochs: {"text": "The last {epochs} epochs", "terms": [{"name": "epoch", "says": "An epoch is a round of steps, one for each minibatch. It uses every point once, unless points are drawn with replacement or left out.", "words": "epochs"}]},
  late_epoch: {"text": "The last epoch", "terms": [{"name": "epoch", "says": "An epoch is a round of steps, one for each minibatch. It uses every point once, unless points are drawn with replacement or left out.", "words": "epoch"}]},
  late_diverged: {"text": "The steps before it diverged", "terms": [{"name": "step", "says": "In one step the optimizer changes w and b once.", "words": "steps"}]},
  shaded: {"text": "Every second epoch is shaded.", "terms": [{"name": "epoch", "says": "An epoch is a round of steps, one for each minibatch. It uses every point once, unless points are drawn with replacement or left out.", "words": "epoch"}]},
  epoch_has: {"text": "An epoch has {steps} steps.", "terms": [{"name": "epoch", "says": "An epoch is a round of steps, one for each minibatch. It uses every point once, unless points are drawn with replacement or left out.", "words": "epoch"}, {"name": "step", "says": "In one step the optimizer changes w and b once.", "words": "steps"}]},
  epoch_has_again: {"text": "An epoch has {steps} steps, with the same minibatches in every epoch.", "terms": [{"name": "epoch", "says": "An epoch is a round of steps, one for each minibatch. It uses every point once, unless points are drawn with replacement or left out.", "words": "epoch"}, {"name": "step", "says": "In one step the optimizer changes w and b once.", "words": "steps"}, {"name": "minibatch", "says": "A minibatch is the points that one step looks at.", "words": "minibatches"}]},
  epoch_has_one: {"text": "An epoch has 1 step.", "terms": [{"name": "epoch", "says": "An epoch is a round of steps, one for each minibatch. It uses every point once, unless points are drawn with replacement or left out.", "words": "epoch"}, {"name": "step", "says": "In one step the optimizer changes w and b once.", "words": "step"}]},
  late_each_epoch: {"text": "The points are shuffled anew for each epoch.", "terms": [{"name": "epoch", "says": "An epoch is a round of steps, one for each minibatch. It uses every point once, unless points are drawn with replacement or left out.", "words": "epoch"}]},
  late_replacement: {"text": "The points are drawn anew for each step.", "terms": [{"name": "step", "says": "In one step the optimizer changes w and b once.", "words": "step"}]},
  own_range: {"text": "own range", "terms": []},
  shared_range: {"text": "shared range", "terms": []},
}
