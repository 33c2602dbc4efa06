#!/bin/sh
# Interesting (1): some mask still asks for a remainder.
if attn-opt "$1" -o /dev/null 2>/dev/null && grep -q 'arith.remui' "$1"; then exit 1; fi
exit 0
