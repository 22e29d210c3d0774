"""Segmenter: customer segments that can be trusted, understood and used.

Names stand in the order of the work: read a table, suggest how its columns are used, choose a number of segments,
form and describe them, place next month's customers, save the model. The data is always the first argument, then the
recipe or the model; a table of customers is always called `dataset`. Whatever works on all customers takes `progress`,
a function that is called with the share done (0 to 1) and what is being done.

>>> from segmenter import Recipe, fit_segmentation, profile_segments, read_sample, suggest_features
>>> dataset = read_sample("mall")
>>> segmentation = fit_segmentation(dataset, Recipe(suggest_features(dataset), n_segments=5))
>>> segmentation
<Segmentation: 5 segments of 300 customers by k-means>
>>> sum(profile.size for profile in profile_segments(dataset, segmentation))
300
"""

import lazy_loader

from segmenter import config

__version__ = config.VERSION

# Every public name stands once, in __init__.pyi, where type checkers read it too, and is imported when it is first
# asked for: reading a file takes 110 MB of memory without the libraries that form segments, 250 MB with them.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
