#!/usr/bin/env bash
# scripts/with-setup.sh COMMAND...: sets this checkout up, then becomes the command, in the caller's directory.
set -euo pipefail
"${BASH_SOURCE[0]%/*}/setup.sh"
exec "$@"
