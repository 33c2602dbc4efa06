# The GoogleTest executables of the build tree, each case a test of its own.
import os

import lit.formats

config.name = "attn-unit"
config.test_source_root = config.test_exec_root = os.path.join(config.attn_obj_root, "test", "unit")
config.test_format = lit.formats.GoogleTest(".", "Tests")
