"""Makes libraries compiled for AMX run on a processor without it: the features
that their runtime looks for become one that every processor with AVX-512 has.

    python3 pretend.py LIBRARY.so...
"""

import sys

for path in sys.argv[1:]:
    with open(path, "rb") as file:
        data = file.read()
    for name in (b"amx-tile", b"amx-bf16", b"amx-int8"):
        if name + b"\0" not in data:
            sys.exit(f"pretend.py: {path} does not need {name.decode()}")
        data = data.replace(b"\0" + name + b"\0", b"\0avx512f\0\0")
    with open(path, "wb") as file:
        file.write(data)
