#!/bin/sh
# Asks a running service for one payment: scripts/smoke-test.sh https://pay.example.com
set -eu

curl --fail --silent --show-error \
  --header 'Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJwYXltZW50cy1hcGkiLCJzdWIiOiJzbW9rZS10ZXN0Iiwic2NvcGUiOiJwYXltZW50czpyZWFkIiwiaWF0IjoxNzY3MjI1NjAwLCJleHAiOjIwODI3NTg0MDB9.PZpGepKfTe3GilWYh0cUpZfReGcjw_6nfoIaV9-evak' \
  "$1/payments/pay_000001"
