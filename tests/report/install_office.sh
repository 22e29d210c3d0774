#!/bin/sh
# Make sure there is a LibreOffice that draws slides, for the tests that look at them; `make venv` runs this.
set -eu
if { command -v soffice && command -v pdftotext; } >/dev/null 2>&1; then exit 0; fi
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libreoffice-impress poppler-utils >/dev/null
    exit 0
fi
echo "The tests that draw slides need LibreOffice and pdftotext. Install them, for example: sudo apt-get install libreoffice-impress poppler-utils" >&2
echo "Until then those tests are skipped; everything else runs." >&2
