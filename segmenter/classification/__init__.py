"""Classification of known segments: learning, honest evaluation, prediction.

The way through, each step in the module named after it:

`target.suggest_targets(dataset)`
    The columns that could be learnt, the likeliest first; or `recipe.SEGMENTS`, the segments just formed.
`features.learning_features(dataset, target)`
    How each column would be used; the page may change them. `features.find_leaks` is part of learning: columns
    that give the answer away come back in `Learned.leaks` and are off unless the recipe names features itself.
`recipe.LearningRecipe(target, features, folds, repeats, held_out_share, classifiers, chosen, tune, …)`
    Every decision and nothing computed; JSON both ways.
`learn.learn(dataset, recipe, segmentation, progress=…, partial=…) -> learned.Learned`
    Leaderboard, tuning inside folds, held-out score, importances, dependences, golden questions and the model.
    `partial` is handed a `Learned` with what was found so far after each classifier and each stage.
`model.SegmentModel`
    What is kept: its `fields` (see `fields.FormField`) are the form, its `held_out` the score to show.
`customer.classify_customer(answers, model) -> customer.CustomerPrediction`
    One customer from the form: probabilities, runner-up, and what would change it. Answers the model cannot know
    raise `OutsideKnownRangeError`, `UnknownChoiceError` or `AnswerNeededError`.
`placing.classify(dataset, model, columns) -> placing.Classified`
    A file: `labelled()` is its table with what was found, `plain()` the customer and its segment alone;
    `placing.match_fields` offers names that are nearly equal.
"""
