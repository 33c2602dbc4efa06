# Configuration of the attn-mlir tests.
import os

import lit.formats

config.name = "attn"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["CMakeLists.txt", "Inputs"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.attn_obj_root, "test")
config.environment["PATH"] = os.pathsep.join(
    [os.path.join(config.attn_obj_root, "bin"), config.llvm_tools_dir, config.environment["PATH"]]
)
config.environment["FILECHECK_OPTS"] = "--enable-var-scope"
config.substitutions.append(("%contract", os.path.join(config.test_source_root, "Contract")))
config.substitutions.append(("%examples", os.path.join(config.attn_src_root, "examples")))

# CPU features that executing tests ask for: REQUIRES: avx512f.
with open("/proc/cpuinfo") as cpuinfo:
    flags = next((line.split(":")[1].split() for line in cpuinfo if line.startswith("flags")), [])
config.available_features.update(flags)
