"""Known segments are learnt, kept and told in a real browser, against the command line's bytes."""

from segmenter.classification.classifiers import CLASSIFIERS
from segmenter.cli import main
from tests.ui.test_learn import as_csv, known_customers

# Seconds; other tests may be at work on the same processors.
LEARNT_WITHIN = 200.0
QUICK = {"logistic-regression", "naive-bayes"}


def test_learn_then_save_then_restart_then_classify_as_the_command_line_does(serve, tmp_path):
    known, new, models = tmp_path / "known.csv", tmp_path / "new.csv", tmp_path / "models"
    known.write_bytes(as_csv(known_customers().drop(columns="Made_From_It")))
    new.write_bytes(as_csv(known_customers(60, seed=5).drop(columns=["Segmentation", "Made_From_It"])))
    with serve(SEGMENTER_MODELS=str(models)) as app:
        learn_in_the_browser(app, known)
        fill(app, "Age", 0)
        app.until(app.page.get_by_text("is outside", exact=False))
        fill(app, "Age", 44)
        app.until(app.page.get_by_text("with a probability of", exact=False))
        assert (app.errors, app.foreign) == ([], [])
    with serve(SEGMENTER_MODELS=str(models)) as app:
        place_in_the_browser(app, new)
        labelled, plain = download(app, "customers"), download(app, "plain")
        assert (app.errors, app.foreign) == ([], [])

    out, again = tmp_path / "out", tmp_path / "again"
    compete = ",".join(sorted(QUICK))
    asked = ["learn", str(known), "--target", "Segmentation", "--compete", compete, "--out", str(out)]
    assert main(asked) == 0
    assert main(["classify", str(out), str(new), "--out", str(again)]) == 0
    assert labelled == (again / "customers.csv").read_bytes()
    assert plain == (again / "id_and_segment.csv").read_bytes()


def learn_in_the_browser(app, known):
    """Learn with the quick classifiers, save what is kept, and go on to the form."""
    app.upload(known)
    more(app, "Learn known segments")
    app.unfold("How it is learnt and checked")
    box = app.page.locator(".st-key-learn_classifiers")
    for title in (each.title for each in CLASSIFIERS.values() if each.key not in QUICK):
        remove = box.locator(f'[aria-label="Remove {title}"]')
        app.act(remove.first.click)
    app.press("Learn")
    app.until(app.page.get_by_role("heading", name="of 100 customers are foretold right"), timeout=LEARNT_WITHIN)
    name = app.page.get_by_role("textbox", name="Name of the classifier")
    name.fill("Spring")
    app.act(lambda: name.press("Enter"))
    app.press("Save on this server", exact=False)
    app.until(app.page.get_by_text("Saved as Spring", exact=False))
    app.act(app.page.get_by_text("Place new customers with it").click)


def place_in_the_browser(app, new):
    """Place a file with the only saved classifier."""
    more(app, "Place with a classifier")
    app.until(app.page.get_by_text("Tells Segmentation", exact=False))
    app.page.get_by_role("tab", name="A file").click()
    app.upload(new)
    app.until(app.page.get_by_role("button", name="Place these 60 customers"))
    app.press("Place these", exact=False)
    app.until(app.page.get_by_text("60 of 60"))


def more(app, page):
    """Go to a page beside the steps."""
    app.page.get_by_text("More", exact=True).first.click()
    app.act(app.page.get_by_text(page, exact=True).first.click)


def fill(app, column, value):
    """Answer one question of the form and ask for the segment."""
    field = app.page.locator(f".st-key-place_field_{column} input")
    field.fill(str(value))
    field.press("Tab")
    app.press("Tell the segment", exact=False)


def download(app, key):
    """Return a download's bytes."""
    with app.page.expect_download() as started:
        app.page.locator(f".st-key-place_{key}_download button").click()
    return started.value.path().read_bytes()
