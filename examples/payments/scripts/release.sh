#!/bin/sh
# Publishes the release of a tag: scripts/release.sh v1.4.0
set -eu

tag=$1
GITHUB_TOKEN=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
: "${SIGNING_TOKEN:?comes from the pipeline}"

export GITHUB_TOKEN SIGNING_TOKEN
gh release create "$tag" --verify-tag --generate-notes ./payments-api
