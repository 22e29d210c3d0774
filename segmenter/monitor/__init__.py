"""Next month: whether a model is still true, who moved, and what carries on when segments are formed anew."""
