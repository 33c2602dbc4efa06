"""Checks the rows that attn-bench --json printed, read from standard input:
rows.py COUNT [KEY=VALUE...], where the first row must have those values."""
import json
import math
import sys

NUMBERS = """threads repeats time_us median_us flops gflops peak_gflops percent_of_peak
    bytes gbytes_per_s read_bandwidth_gbytes_per_s percent_of_bandwidth scratch_bytes
    prepare_us max_abs_error""".split()
TEXTS = "op dtype kv_dtype layout mask score lengths schedule isa".split()

rows = json.load(sys.stdin)
assert len(rows) == int(sys.argv[1]), f"{len(rows)} rows"
for row in rows:
    for key in NUMBERS:
        assert isinstance(row[key], (int, float)) and math.isfinite(row[key]), key
        assert row[key] >= 0, key
    for key in TEXTS:
        assert isinstance(row[key], str), key
    sizes = "M K N" if row["op"] == "project_heads" else "B H HKV SQ SK D DV"
    for key in sizes.split():
        assert isinstance(row[key], int), key
    assert row["time_us"] <= row["median_us"]
    assert row["max_abs_error"] < 1e-4
    if row["flops"]:
        rate = row["flops"] / row["time_us"] * 1e-3
        assert math.isclose(rate, row["gflops"], rel_tol=1e-6), rate
        assert row["percent_of_peak"] > 0
    if "baseline" in row:
        for key in "us percent percent_of_bandwidth".split():
            assert row[f"baseline_{key}"] > 0, key
        assert row["ratio_to_baseline"] > 0
for word in sys.argv[2:]:
    key, value = word.split("=")
    assert str(rows[0][key]) == value, f"{key} is {rows[0][key]}"
