// @ts-check
// Written by `make docs` from dashboard/shell/controls.py; a change belongs there.

/** @import { SentValues } from "./wire.js" */

/**
 * The settings of runs and the looks of pages at them, by their keys in an address.
 *
 * @type {Record<string, SentValues>}
 */
export const CONTROLS = {
  src: {"part": "data", "name": "source", "label": "Data", "kind": "choice", "minimum": null, "maximum": null, "choices": {"notebook": "Notebook"}, "optional": false},
  n: {"part": "data", "name": "n", "label": "Points N", "kind": "whole", "minimum": 2, "maximum": 10000, "choices": null, "optional": false},
  noise: {"part": "data", "name": "noise", "label": "Noise", "kind": "number", "minimum": 0.0, "maximum": 0.5, "choices": null, "optional": false},
  dseed: {"part": "data", "name": "seed", "label": "Data seed", "kind": "whole", "minimum": 0, "maximum": 4294967295, "choices": null, "optional": false},
  sort: {"part": "data", "name": "stored", "label": "Stored order", "kind": "choice", "minimum": null, "maximum": null, "choices": {"drawn": "As drawn", "x": "Sorted by x", "class": "Sorted by class"}, "optional": false},
  loss: {"part": "train", "name": "loss", "label": "Loss", "kind": "choice", "minimum": null, "maximum": null, "choices": {"mse": "MSE", "bce": "BCE", "bce_with_logits_on_sigmoid": "BCE with logits on sigmoid"}, "optional": false},
  opt: {"part": "train", "name": "optimizer", "label": "Optimizer", "kind": "choice", "minimum": null, "maximum": null, "choices": {"sgd": "SGD", "momentum": "Momentum", "nesterov": "Nesterov", "adagrad": "Adagrad", "adadelta": "Adadelta", "rmsprop": "RMSprop", "adam": "Adam", "adamw": "AdamW", "nadam": "NAdam"}, "optional": false},
  lr: {"part": "train", "name": "lr", "label": "Learning rate", "kind": "number", "minimum": 0.0, "maximum": 1000.0, "choices": null, "optional": false},
  sched: {"part": "train", "name": "schedule", "label": "Schedule", "kind": "choice", "minimum": null, "maximum": null, "choices": {"constant": "Constant", "step": "Step", "exponential": "Exponential", "cosine": "Cosine", "warmup": "Linear warm-up", "one_cycle": "One cycle"}, "optional": false},
  bs: {"part": "train", "name": "batch_size", "label": "Batch size B", "kind": "whole", "minimum": 1, "maximum": 10000, "choices": null, "optional": false},
  ep: {"part": "train", "name": "epochs", "label": "Epochs", "kind": "whole", "minimum": 1, "maximum": 1000, "choices": null, "optional": false},
  shuf: {"part": "train", "name": "shuffle", "label": "Shuffling", "kind": "choice", "minimum": null, "maximum": null, "choices": {"none": "None", "once": "Once", "each_epoch": "Each epoch", "replacement": "Replacement"}, "optional": false},
  drop: {"part": "train", "name": "drop_last", "label": "Drop the last short batch", "kind": "switch", "minimum": null, "maximum": null, "choices": null, "optional": false},
  seed: {"part": "train", "name": "seed", "label": "Seed", "kind": "whole", "minimum": 0, "maximum": 4294967295, "choices": null, "optional": false},
  w0: {"part": "train", "name": "init_w", "label": "Start w", "kind": "number", "minimum": -1000.0, "maximum": 1000.0, "choices": null, "optional": true},
  b0: {"part": "train", "name": "init_b", "label": "Start b", "kind": "number", "minimum": -1000.0, "maximum": 1000.0, "choices": null, "optional": true},
  pre: {"part": "train", "name": "randn_before_model", "label": "torch.randn(1) before the model", "kind": "whole", "minimum": 0, "maximum": 100, "choices": null, "optional": false},
  mom: {"part": "train", "name": "momentum", "label": "momentum", "kind": "number", "minimum": 0.0, "maximum": 1.0, "choices": null, "optional": true},
  damp: {"part": "train", "name": "dampening", "label": "dampening", "kind": "number", "minimum": 0.0, "maximum": 1.0, "choices": null, "optional": true},
  wd: {"part": "train", "name": "weight_decay", "label": "weight_decay", "kind": "number", "minimum": 0.0, "maximum": 1000.0, "choices": null, "optional": true},
  eps: {"part": "train", "name": "eps", "label": "eps", "kind": "number", "minimum": 0.0, "maximum": 1.0, "choices": null, "optional": true},
  b1: {"part": "train", "name": "beta1", "label": "betas[0]", "kind": "number", "minimum": 0.0, "maximum": 0.999999, "choices": null, "optional": true},
  b2: {"part": "train", "name": "beta2", "label": "betas[1]", "kind": "number", "minimum": 0.0, "maximum": 0.999999, "choices": null, "optional": true},
  ams: {"part": "train", "name": "amsgrad", "label": "amsgrad", "kind": "switch", "minimum": null, "maximum": null, "choices": null, "optional": false},
  md: {"part": "train", "name": "momentum_decay", "label": "momentum_decay", "kind": "number", "minimum": 0.0, "maximum": 1.0, "choices": null, "optional": true},
  alpha: {"part": "train", "name": "alpha", "label": "alpha", "kind": "number", "minimum": 0.0, "maximum": 0.999999, "choices": null, "optional": true},
  cent: {"part": "train", "name": "centered", "label": "centered", "kind": "switch", "minimum": null, "maximum": null, "choices": null, "optional": false},
  rho: {"part": "train", "name": "rho", "label": "rho", "kind": "number", "minimum": 0.0, "maximum": 0.999999, "choices": null, "optional": true},
  lrd: {"part": "train", "name": "lr_decay", "label": "lr_decay", "kind": "number", "minimum": 0.0, "maximum": 1.0, "choices": null, "optional": true},
  acc: {"part": "train", "name": "initial_accumulator_value", "label": "initial_accumulator_value", "kind": "number", "minimum": 0.0, "maximum": 1000.0, "choices": null, "optional": true},
  unit: {"part": "looks", "name": "unit", "label": "Counted in", "kind": "choice", "minimum": null, "maximum": null, "choices": {"steps": "Steps", "epochs": "Epochs", "examples": "Examples seen", "time": "Time"}, "optional": false},
  cost: {"part": "looks", "name": "step_cost", "label": "Cost of a step, in examples", "kind": "whole", "minimum": 0, "maximum": 1000000, "choices": null, "optional": false},
  nseeds: {"part": "looks", "name": "seeds", "label": "Seeds", "kind": "whole", "minimum": 2, "maximum": 1000, "choices": null, "optional": false},
  opts: {"part": "looks", "name": "optimizers", "label": "Optimizers", "kind": "choices", "minimum": null, "maximum": null, "choices": {"sgd": "SGD", "momentum": "Momentum", "nesterov": "Nesterov", "adagrad": "Adagrad", "adadelta": "Adadelta", "rmsprop": "RMSprop", "adam": "Adam", "adamw": "AdamW", "nadam": "NAdam"}, "optional": false},
  alr: {"part": "looks", "name": "adaptive_lr", "label": "Learning rate, adaptive", "kind": "number", "minimum": 0.0, "maximum": 1000.0, "choices": null, "optional": false},
  match: {"part": "looks", "name": "is_matched", "label": "Match momentum's rate", "kind": "switch", "minimum": null, "maximum": null, "choices": null, "optional": false},
  repl: {"part": "looks", "name": "replacement", "label": "Draw with replacement", "kind": "switch", "minimum": null, "maximum": null, "choices": null, "optional": false},
  kseed: {"part": "looks", "name": "seed", "label": "Minibatch seed", "kind": "whole", "minimum": 0, "maximum": 4294967295, "choices": null, "optional": false},
  pw: {"part": "looks", "name": "point_w", "label": "w of the point", "kind": "number", "minimum": -1000.0, "maximum": 1000.0, "choices": null, "optional": true},
  pb: {"part": "looks", "name": "point_b", "label": "b of the point", "kind": "number", "minimum": -1000.0, "maximum": 1000.0, "choices": null, "optional": true},
}
