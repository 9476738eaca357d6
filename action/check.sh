#!/usr/bin/env bash
# What the GitHub Action runs: FILES, MIGRATIONS, PACKAGES and RQL_URL are its inputs. Everything is checked before it fails.
set -uo pipefail
failed=0

run() {
  echo "rql $*"
  rql "$@" || failed=1
}

read -ra names <<<"${FILES:-.}"
run fmt -d "${names[@]}"

# Migrations are checked as such, and everything else as scripts.
files=()
for name in "${names[@]}"; do
  if [ -d "$name" ]; then
    while IFS= read -r -d '' file; do files+=("$file"); done < <(find "$name" -name '*.rql' -not -path '*/.*/*' -print0 | sort -z)
  else
    files+=("$name")
  fi
done
scripts=()
for file in ${files[@]+"${files[@]}"}; do
  if [ -z "${MIGRATIONS:-}" ] || [ "$(cd "$(dirname "$file")" && pwd)" != "$(cd "$MIGRATIONS" && pwd)" ]; then scripts+=("$file"); fi
done

server=()
if [ -n "${RQL_URL:-}" ]; then server=(--url "$RQL_URL"); else unset RQL_URL; fi
if [ ${#scripts[@]} -gt 0 ]; then run -q check "${scripts[@]}" ${server[@]+"${server[@]}"}; fi
if [ -n "${PACKAGES:-}" ]; then run check "$PACKAGES" ${server[@]+"${server[@]}"}; fi
if [ -n "${MIGRATIONS:-}" ]; then
  run migrate check --dir "$MIGRATIONS"
  if [ -n "${RQL_URL:-}" ]; then run migrate status --exit-code --dir "$MIGRATIONS"; fi
fi
exit $failed
