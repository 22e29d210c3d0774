"""Limits and defaults of the product: each with its name, unit and reason."""

from typing import Final

# Of the product; the package and every saved model take it from here.
VERSION: Final = "0.2.0"

# What one upload may hold; said on the page before the upload.
MAX_UPLOAD_MB: Final = 300
MAX_ROWS: Final = 10_000_000
MAX_COLUMNS: Final = 500
# Uploads that no page has taken yet: of one visitor, in files and in bytes, and of all as a share of the memory.
UPLOADS_WAITING: Final = 10
UPLOADS_WAITING_MB: Final = 650
UPLOADS_WAITING_SHARE: Final = 0.25
# A page takes an upload at once; one that is still there after so long was sent by no page.
UPLOAD_KEPT_SECONDS: Final = 300
# From this share of the machine's or the container's memory on, new uploads are turned away.
BUSY_MEMORY_SHARE: Final = 0.8

# What a file named on the command line may hold: its owner chose to spend the memory.
MAX_FILE_MB: Final = 4_000

# Every file is read in a process of its own that may use so much: the least, and more for larger files.
# Reading a plain CSV needs about 3 bytes of memory and 10 ns a byte; workbooks and long rows need more.
READING_SECONDS: Final = 15
READING_SECONDS_PER_MB: Final = 0.2
READING_MEMORY_MB: Final = 3_000
READING_MEMORY_PER_BYTE: Final = 10
# A workbook that unpacks to more than this is refused before it is opened.
MAX_UNPACKED_MB: Final = 300
MAX_UNPACK_RATIO: Final = 100
MAX_WORKBOOK_PARTS: Final = 1_000
# A sheet that claims more cells than this mostly holds stray ones far away.
MAX_SHEET_CELLS: Final = 50_000_000

# Numbers, dates, names and addresses are shorter than this many letters: of longer cells, patterns see no more.
LONGEST_JUDGED: Final = 200

# What is taken out of a database at once: more is refused, never cut off in silence.
MAX_DATABASE_ROWS: Final = 2_000_000
MAX_DATABASE_MB: Final = 300
DATABASE_SECONDS: Final = 60
# One value of a SQLite database may be so long; longer ones only serve to fill the memory.
MAX_DATABASE_CELL_MB: Final = 10

# Beyond this a square or a sum of squares could overflow a float64 (1.8e308).
LARGEST_NUMBER: Final = 1e150

# A range this small, relative to the largest magnitude, is rounding noise (0.1 stored many times).
CONSTANT_RANGE: Final = 1e-12

# Under 3 % missing, leaving the rows out costs less than any guess; above it, filling keeps the customers.
DROP_ROWS_BELOW_SHARE: Final = 0.03
# Above 50 % missing, most of a filled column would be our own guess.
NEAR_EMPTY_SHARE: Final = 0.50

# Groups smaller than this can point at a person: a value is listed in a model only when this many share it.
SMALL_GROUP: Final = 10

MIN_SEGMENTS: Final = 2
DEFAULT_MAX_SEGMENTS: Final = 10
MAX_SEGMENTS: Final = 30

# |skewness| from which a column is evened out. An exponential has 2: well below it, so that every sample of one is.
STRONG_SKEW: Final = 1.5
# From this share of customers with the same value on, a column tells hardly anybody apart.
NEARLY_CONSTANT_SHARE: Final = 0.99
# |r| from which two columns carry nearly the same information (90 % shared variance).
REDUNDANT_CORRELATION: Final = 0.95
# |r| from which a column is a copy of another, but for rounding.
COPY_CORRELATION: Final = 0.999

# One column brings at most this many categories, all columns together at most MAX_CATEGORIES_TOTAL.
MAX_CATEGORIES: Final = 50
MAX_CATEGORIES_TOTAL: Final = 200
# A category that fewer customers have than this share joins "Other".
RARE_SHARE: Final = 0.05
# Beyond these a setting is a slip: half of the customers are not rare, and a weight of 10 makes a column
# count a hundredfold in a squared distance.
LARGEST_RARE_SHARE: Final = 0.5
LARGEST_WEIGHT: Final = 10.0

# A formula of a column of one's own; longer ones are no longer read by anybody.
LONGEST_FORMULA: Final = 500
# Components hold so much of the variance of the prepared columns where nobody says how many are wanted.
VARIANCE_KEPT: Final = 0.8

# A new file whose typical value is this many times larger or smaller has probably another unit.
UNIT_CHANGE_FACTOR: Final = 10.0

# Browsers stay quick up to here; larger data is sampled per segment, and the chart says so.
MAX_POINTS_SHOWN: Final = 10_000
# Exact silhouettes up to here; above, from a sample with its standard error.
SILHOUETTE_EXACT_ROWS: Final = 20_000
# Customers in such a sample: the standard error is then about .003, below what anyone would act on.
SILHOUETTE_SAMPLE_ROWS: Final = 8_000

DEFAULT_SEED: Final = 0


# Merging customers one by one keeps all pairwise distances, twice: 10,000 customers need 0.8 GB and some seconds.
HIERARCHY_ROWS: Final = 10_000
MOST_HIERARCHY_ROWS: Final = 15_000
# A larger file is merged from so many small groups.
HIERARCHY_GROUPS: Final = 400
# Dense regions are looked for among at most so many customers, the others join the nearest: 10 s on one core.
DENSITY_ROWS: Final = 10_000
# Normal distributions are fitted to at most so many customers: their parameters' standard error is below 1 %.
MIXTURE_ROWS: Final = 20_000
# K-medoids keeps all pairwise distances: 100 MB for so many customers.
MEDOID_ROWS: Final = 5_000
MOST_MEDOID_ROWS: Final = 15_000
# t-SNE and UMAP place so many customers in some seconds; the time of t-SNE grows faster than their number.
MAP_ROWS: Final = 2_000

# An engine that holds the customers sends so many of them here: kinds of columns, verdict and k rest on these. A
# share of them is known to within 0.3 percentage points (two standard errors).
ENGINE_SAMPLE_ROWS: Final = 100_000
# What DuckDB may use; larger work spills to a temporary folder.
ENGINE_MEMORY_MB: Final = 1_000
# Passes of K-Means over all customers, from centres that the sample found.
ENGINE_PASSES: Final = 8

# A job in the background may use a processor for so long; learning from 300,000 customers takes a third of it.
JOB_MINUTES: Final = 30
# A visitor whose connection is lost (a telephone in a pocket, a tunnel, a closed tab) may come back within so long;
# then the work ends and the data is forgotten. Streamlit's own limit, disconnectedSessionTTL, is longer.
RECONNECT_SECONDS: Final = 45
# Up to so many customers the lists for a platform are there before a progress bar could be read.
LISTS_AT_ONCE: Final = 20_000
# A download of a table of fewer cells is built by the click on it; of a larger one beside the page, with Cancel.
DOWNLOAD_AT_ONCE_CELLS: Final = 200_000

# A value that fewer customers share is somebody's own: none such stands in a saved model.
FEWEST_WHO_SHARE: Final = 5

# What the engine of this machine is called.
LOCAL_ENGINE = "local"
