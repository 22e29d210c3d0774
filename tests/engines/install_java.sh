#!/bin/sh
# Make sure there is a Java for the tests that start a Spark Connect server; `make venv` runs this.
set -eu
if command -v java >/dev/null 2>&1; then exit 0; fi
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    if apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless >/dev/null; then
        exit 0
    fi
fi
echo "The tests against a real Spark need Java and it is not here: sudo apt-get install openjdk-17-jre-headless" >&2
echo "Until then those tests are skipped; everything else runs." >&2
