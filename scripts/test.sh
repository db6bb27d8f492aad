#!/usr/bin/env bash
# `npm test`: sets this checkout up, then runs every test stage, or those named: npm test -- --only unit,kernel
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/setup.sh cmake
exec node scripts/test/main.mjs "$@"
