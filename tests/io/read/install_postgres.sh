#!/bin/sh
# Make sure there is a PostgreSQL for the tests that start one; `make venv` runs this.
set -eu
for folder in /usr/lib/postgresql/*/bin; do
    if [ -x "$folder/initdb" ]; then exit 0; fi
done
if command -v initdb >/dev/null 2>&1; then exit 0; fi
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    # The tests start servers of their own: the package's own one is neither made nor started.
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] ||
        echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf
    if apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null; then
        exit 0
    fi
fi
echo "The tests against a real PostgreSQL need its server and it is not here: sudo apt-get install postgresql" >&2
echo "Until then those tests are skipped; everything else runs." >&2
