#!/bin/sh
# Make sure there is a LibreOffice that draws slides and calculates, for the tests that look at that; `make venv` runs this.
set -eu
if { command -v soffice && command -v localc && command -v pdftotext; } >/dev/null 2>&1; then exit 0; fi
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libreoffice-impress libreoffice-calc poppler-utils >/dev/null
    exit 0
fi
echo "The tests that draw slides or let a spreadsheet calculate need LibreOffice and pdftotext. Install them, for example: sudo apt-get install libreoffice-impress libreoffice-calc poppler-utils" >&2
echo "Until then those tests are skipped; everything else runs." >&2
