"""What the notes of a run's charts say, with places for its numbers.

The browser says the same of a run that it trains itself: `make docs` writes its notes.js.
"""

from collections.abc import Mapping

from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.schedules import SCHEDULES

__all__ = ["NOTES"]

NOTES: Mapping[str, str] = {
    "task": "We train p = σ(w x + b) to separate two classes.",
    "draws_one": "Each step draws 1 of the {n} points at random.",
    "draws": "Each step makes {size} random draws from the {n} points, so a point may come more "
    "than once.",
    "draws_short": "Each step makes {size} random draws from the {n} points, so a point may come "
    "more than once. The last step of an epoch makes only {short}.",
    "uses_all": "Each step uses all {n} points.",
    "uses_both": "Each step uses both points.",
    "uses": "Each step uses {size} of the {n} points.",
    "uses_short": "Each step uses {size} of the {n} points, but the last step of an epoch only "
    "{short}.",
    "uses_but": "Each step uses {size} of the {n} points, and {left} are left out in each epoch.",
    "uses_but_one": "Each step uses {size} of the {n} points, and 1 is left out in each epoch.",
    "many_steps": "So {per_epoch} steps make one epoch.",
    "one_step": "So 1 step makes one epoch.",
    "lasts_epochs_and_steps": "Training lasts {epochs} epochs, {steps} steps.",
    "lasts_epoch_and_steps": "Training lasts 1 epoch, {steps} steps.",
    "lasts_epochs": "Training lasts {epochs} epochs.",
    "lasts_epoch": "Training lasts 1 epoch.",
    **{
        f"schedule_{name}": f"The schedule is {schedule.label}."
        for name, schedule in SCHEDULES.items()
    },
    "diverged": "The run stops after {step} of {steps} steps: in the next one the loss, w or b is "
    "no finite number any more. The charts show the run up to there.",
    "losses": "All the data: from {first} to {last}.",
    "losses_alike": "All the data: {last} at the start and at the end, to the digits shown.",
    "losses_same": "All the data: {last} all along.",
    "held_out": "Held-out data: {last} at the end.",
    "minibatches": "Minibatches of the last epoch: {low} to {high}.",
    "minibatches_alike": "Minibatches of the last epoch: each {low}, to all digits shown.",
    "nothing": "The very first step diverged.",
    "goes": "{name} goes from {first} to {last}.",
    "returns": "{name} begins and ends at {last}, to the digits shown.",
    "stays": "{name} stays at {last}, to the digits shown.",
    "same": "{name} is {last} all along.",
    "cut": "They are drawn within ±1,000,000, up to step {step}.",
    "late_epochs": "The last {epochs} epochs",
    "late_epoch": "The last epoch",
    "late_diverged": "The steps before it diverged",
    "shaded": "Every second epoch is shaded.",
    "epoch_has": "An epoch has {steps} steps.",
    "epoch_has_again": "An epoch has {steps} steps, with the same minibatches in every epoch.",
    "epoch_has_one": "An epoch has 1 step.",
    "late_each_epoch": "The points are shuffled anew for each epoch.",
    "late_replacement": "The points are drawn anew for each step.",
    "repeated": "{share} of the power repeats each epoch.",
    "no_order": "There is none: an epoch has 1 step, and no order to repeat.",
    "few_epochs": "There is none: it takes at least 4 whole epochs.",
    "no_swing": "There is none: the loss does not swing.",
    "race_diverged": "Every run diverged.",
    "race_one_diverged": "The run diverged.",
    "race_one": "The loss is {value} at the end.",
    "race_best": "Lowest at the end: {best}, {value}.",
    "race_luck": "This is one run, with these learning rates.",
    "race_both": "Lowest at the end: {best}, both {value} to all digits shown.",
    "race_all": "Lowest at the end: {best}, all {value} to all digits shown.",
    "race_surface": "The runs on the loss surface of all the data.",
    "race_length": "How far (w, b) moves.",
    "race_rates": "Here lr is {named}.",
    "race_first_title": "What they remember of w's gradient",
    "race_second_title": "What they remember of w's squared gradient",
    "race_mean": "Its running mean: {labels}.",
    "race_sum": "Its sum: {labels}.",
    "noise_surface": "Click to look at another w and b.",
    "noise_points": "A dot for each of the {n} points.",
    "noise_first_points": "A dot for each of the first {most} of {n} points.",
    "noise_ellipses": "The ellipses reach two standard deviations from the mean: the thin one of "
    "the points, the thick one of the minibatches by law 3.",
    "noise_variance": "Solid line: law 3 with replacement, proportional to 1/B. Dotted line: law 3 "
    "without replacement. It falls to 0 at B = N.",
    "noise_step": "Lines: law 6, which takes the loss surface for a parabola and so holds for "
    "short steps.",
    "noise_best": "With this B the parabola is lowest at lr = {lr}.",
    "noise_no_best": "With this B the parabola bends downwards or is flat, so it has no minimum.",
    "noise_best_without": "Without noise the parabola is lowest at lr = {lr}.",
    "noise_no_best_without": "Without noise the parabola bends downwards or is flat, so it has no "
    "minimum.",
    "noise_run": "Whatever the point above, the run starts where nn.Linear does, and shuffles the "
    "points in each epoch.",
    "noise_scale": "B_simple {first} before the first step and {last} after the last.",
    "noise_shrinks": "G shrinks along the run, and the noise shrinks less or not at all.",
    "noise_gaps": "B_noise has no meaning at {gaps} of {places} places, and is left out there.",
    "noise_diverged": "The run diverged at step {step}.",
    "race_optimizers": " and ".join(OPTIMIZERS.labels.values()),
    "seeds_all": "All runs end between {low} and {high}.",
    "seeds_all_alike": "All runs end at {low}, to all digits shown.",
    "seeds_others": "The runs that did not diverge end between {low} and {high}.",
    "seeds_others_alike": "The runs that did not diverge end at {low}, to all digits shown.",
    "seeds_first": "The runs so far end between {low} and {high}.",
    "seeds_first_alike": "The runs so far end at {low}, to all digits shown.",
    "seeds_first_others": "The runs so far that did not diverge end between {low} and {high}.",
    "seeds_first_others_alike": "The runs so far that did not diverge end at {low}, to all digits "
    "shown.",
    "seeds_median": "The median is {middle} at the end.",
    "seeds_few": "These are too few runs to say how sure the median is.",
    "seeds_true": "The true median lies between {low} and {high}, with 95% confidence.",
    "seeds_true_alike": "The true median is {low}, to all digits shown, with 95% confidence.",
    "seeds_held_out": "On one draw of held-out data the median is {middle}.",
    "seeds_ends": "How many runs end with which loss.",
    "seeds_spread": "The standard deviation of these losses is {spread}.",
    "seeds_one_loss": "At the end it is {end}; on one draw of held-out data it is {fresh}.",
    "seeds_one": "At the end it is {end}.",
    "own_range": "own range",
    "shared_range": "shared range",
}
