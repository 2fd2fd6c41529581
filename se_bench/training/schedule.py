"""The learning rate at each step."""

from __future__ import annotations

import math

from se_bench.config.setting import Recipe


def learning_rate(recipe: Recipe, step: int, steps_per_epoch: int) -> float:
    """The learning rate of ``step`` (counted from 0): linear warm-up, then the recipe's schedule.

    Warm-up rises to the full rate over ``warmup_epochs``; the cosine (Loshchilov & Hutter, arXiv 1608.03983,
    without restarts) runs from there to zero at the last step's end. Milestones are fractions of all steps.
    """
    total = recipe.epochs * steps_per_epoch
    warmup = round(recipe.warmup_epochs * steps_per_epoch)
    if step < warmup:
        return recipe.learning_rate * ((step + 1) / warmup)  # ends at exactly the rate
    if recipe.schedule == "cosine":
        progress = (step - warmup) / (total - warmup)
        return recipe.learning_rate * 0.5 * (1.0 + math.cos(math.pi * progress))
    if recipe.schedule == "step":
        passed = sum(step >= round(milestone * total) for milestone in recipe.milestones)
        return recipe.learning_rate * recipe.gamma**passed
    return recipe.learning_rate
