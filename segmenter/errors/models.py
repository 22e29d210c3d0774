"""Errors of saved models and of writing to disk."""

from segmenter.errors.base import SegmenterError


class PickleRefusedError(SegmenterError):
    """Somebody uploaded a pickle."""

    def __str__(self) -> str:
        return (
            "Pickle files are not opened here. A pickle (.pkl, .joblib) can run hidden programs the moment it is "
            "opened, so this app never opens one from an upload. Your file was discarded unread. To use this model: "
            "(1) fit it again here and press Save model, or (2) ask the person who runs this app to convert it with "
            "python -m segmenter convert-model. Models saved by this app end in .segmodel.json."
        )


class UnsupportedModelError(SegmenterError):
    """Somebody uploaded a model of another program."""

    def __str__(self) -> str:
        return (
            "This model format is not supported. This app reads .segmodel.json only. "
            "Form the segments here and save them, or ask for a model that this app has saved."
        )


class NotAModelError(SegmenterError):
    """The file is no model."""

    def __init__(self, missing: str) -> None:
        super().__init__(missing)
        self.missing = missing

    def __str__(self) -> str:
        return f"This is not a segment model (missing: {self.missing}). Models saved by this app end in .segmodel.json."


class ChangedModelError(SegmenterError):
    """The file's checksum is not its own."""

    def __str__(self) -> str:
        return "This model file was changed or cut off after it was saved. Ask for a fresh copy."


class NewerModelError(SegmenterError):
    """The file was written by a later version."""

    def __init__(self, version: int, known: int) -> None:
        super().__init__(version, known)
        self.version, self.known = version, known

    def __str__(self) -> str:
        return f"Made with a newer version (format {self.version}, this app reads up to {self.known}). Update this app."


class InvalidModelError(SegmenterError):
    """A value in a model file is not what it should be."""

    def __init__(self, place: str, what: str) -> None:
        super().__init__(place, what)
        self.place, self.what = place, what

    def __str__(self) -> str:
        return f"The model file is not valid ({self.place} {self.what}). Ask for a fresh copy."


class UnreadableWorkError(SegmenterError):
    """A work that a visitor kept is not as this app wrote it."""

    def __str__(self) -> str:
        return (
            "This kept work cannot be opened: it was changed or cut off after it was saved, or it is another file. "
            "Take the file as it was downloaded, or begin anew with your customers' file."
        )


class UnwritableModelError(SegmenterError):
    """A method's segments cannot be written as centres, or hold a value that no model file may hold."""

    def __init__(self, algorithm: str, why: str = "") -> None:
        super().__init__(algorithm, why)
        self.algorithm, self.why = algorithm, why

    def __str__(self) -> str:
        if self.why:
            return f"These segments cannot be saved as a model ({self.why}). Rename or leave out what it names."
        return f"Segments of the method {self.algorithm} cannot be saved as a model yet. Use K-Means to save one."


class ModelIntegrityError(SegmenterError):
    """A saved model is not the one that the manifest names."""

    def __init__(self, title: str, expected: str, found: str) -> None:
        super().__init__(title, expected, found)
        self.title, self.expected, self.found = title, expected, found

    def __str__(self) -> str:
        return (
            f"Model {self.title!r} failed its integrity check and is not offered "
            f"(expected {self.expected[:4] or 'an entry'}…, found {self.found[:4] or 'none'}…). "
            "Restore it from a copy or save it again."
        )


class DamagedManifestError(SegmenterError):
    """The list of a folder's models is not what this product writes."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return (
            f"The list of models, MANIFEST.json, is damaged ({self.why}), so no saved model is offered and none is "
            "saved. Restore it from a copy."
        )


class UnsavedModelError(SegmenterError):
    """A model could not be saved on the server."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return f"The model could not be saved ({self.why}). You can still download it."


class PickledModelRefusedError(SegmenterError):
    """A pickled model names something that a K-Means does not need."""

    def __init__(self, file: str, name: str) -> None:
        super().__init__(file, name)
        self.file, self.name = file, name

    def __str__(self) -> str:
        return f"{self.file} is refused: it asks for {self.name}, which no K-Means needs. Nothing in it was run."


class NotAKMeansError(SegmenterError):
    """A pickled file holds no fitted K-Means."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return (
            f"The pickled model cannot be used: {self.why}. "
            "It must be a fitted KMeans, or a Pipeline of StandardScaler and KMeans."
        )


class ColumnCountError(SegmenterError):
    """The named columns are not as many as a model has."""

    def __init__(self, named: int, needed: int) -> None:
        super().__init__(named, needed)
        self.named, self.needed = named, needed

    def __str__(self) -> str:
        return (
            f"The model has {self.needed} columns and {self.named} different ones were named. "
            "Name each once, in the model's order."
        )


class ScalingUnknownError(SegmenterError):
    """A bare K-Means does not say how its columns were scaled."""

    def __str__(self) -> str:
        return (
            "The model comes without its scaling. Give the file it was trained on (--fitted-on FILE), "
            "or say that new files are scaled already (--already-scaled)."
        )


class TooManyRowsForExcelError(SegmenterError):
    """There are more rows than a sheet of a workbook holds."""

    def __init__(self, n_rows: int, limit: int) -> None:
        super().__init__(n_rows, limit)
        self.n_rows, self.limit = n_rows, limit

    def __str__(self) -> str:
        return f"An Excel sheet holds {self.limit:,} customers; there are {self.n_rows:,}. Download the CSV instead."


class UnwritableFolderError(SegmenterError):
    """A folder cannot be written to."""

    def __init__(self, folder: str, why: str) -> None:
        super().__init__(folder, why)
        self.folder, self.why = folder, why

    def __str__(self) -> str:
        return f"{self.folder} could not be written: {self.why}. Choose another folder."


class NoSqlError(SegmenterError):
    """A model cannot be written as one SELECT."""

    def __init__(self, algorithm: str, why: str) -> None:
        super().__init__(algorithm, why)
        self.algorithm, self.why = algorithm, why

    def __str__(self) -> str:
        return (
            f"This model ({self.algorithm}) cannot be written as SQL: {self.why}. Assign customers with the model "
            "file instead, or form the segments anew in another way."
        )
