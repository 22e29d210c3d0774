#!/bin/sh
# Make sure there is a Chromium for the browser tests; `make venv` runs this.
set -eu
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
    exit 0
fi
echo "The browser tests need Chromium and it is not here. Install it, for example: sudo apt-get install chromium" >&2
echo "Until then those tests are skipped; everything else runs." >&2
