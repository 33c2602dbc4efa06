# Configuration of the attn-mlir tests.
import glob
import os
import shutil
import sys

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
# The Python that runs lit: the one that PATH has may be a script that takes longer
# to find it than most of these programs to run.
config.substitutions.append((r"\bpython3\b", sys.executable))
config.substitutions.append(("%source", config.attn_src_root))
config.substitutions.append(("%contract", os.path.join(config.test_source_root, "Contract")))
config.substitutions.append(("%examples", os.path.join(config.attn_src_root, "examples")))

# Programs that a machine may lack: REQUIRES: clang-format-22.
config.available_features.update(
    program for program in ["clang-format-22", "clang-22", "gcc", "pkg-config"] if shutil.which(program)
)

# The project's Python environment, with NumPy: REQUIRES: python.
venv_python = os.path.join(config.attn_src_root, ".venv", "bin", "python")
if os.path.exists(venv_python):
    config.available_features.add("python")
    config.substitutions.append(("%python", venv_python))
    # The peer that comparisons are tested with: REQUIRES: onnxruntime.
    if glob.glob(os.path.join(config.attn_src_root, ".venv/lib/python*/site-packages/onnxruntime")):
        config.available_features.add("onnxruntime")

# Tests of minutes run only when asked for (scripts/test --slow): REQUIRES: slow.
if lit_config.params.get("slow"):
    config.available_features.add("slow")

# Other architectures: this build can link for them, and their programs can be
# compiled and run here. REQUIRES: aarch64-programs; %aarch64-cc, %aarch64-run.
for architecture in ["aarch64", "riscv64"]:
    runtime = os.path.join(config.attn_obj_root, f"lib/Runtime/AttnRuntime.{architecture}.o")
    if os.path.exists(runtime) and shutil.which("clang-22") and shutil.which(f"qemu-{architecture}"):
        config.available_features.add(f"{architecture}-programs")
    gnu = f"{architecture}-linux-gnu"
    config.substitutions.append((f"%{architecture}-cc", f"clang-22 --target={gnu} -std=c11 -Wall -Wextra -O1 -fuse-ld=lld"))
    config.substitutions.append((f"%{architecture}-run", f"qemu-{architecture} -L /usr/{gnu}"))

# CPU features that executing tests ask for: REQUIRES: avx512f.
with open("/proc/cpuinfo") as cpuinfo:
    flags = next((line.split(":")[1].split() for line in cpuinfo if line.startswith("flags")), [])
config.available_features.update(flags)
