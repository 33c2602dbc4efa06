"""A lit format that tests what the documentation says.

Each `.md` page of the repository, and each `.td` file, is one test:

- ```sh blocks run, in order, in a scratch folder that looks like the root of
  the repository. A ```text block right after one is its output: the lines
  appear in that order, and `...` in a line stands for anything.
- ```mlir blocks parse and verify. A fragment gets a function around it whose
  arguments are the values that it does not define.
- a block whose first line is a comment with nothing but a file name is saved
  under that name in the scratch folder.
- relative links lead to files that exist.

`<!-- not run: REASON -->` on the line before a block leaves it alone.
"""

import os
import re
import shutil
import subprocess
import textwrap
from pathlib import Path

import lit.formats
import lit.Test

SKIPPED_FOLDERS = {"build", ".git", ".venv", ".cache"}


class DocumentTest(lit.formats.TestFormat):
    def __init__(self, source, build):
        self.source = Path(source)
        self.build = Path(build)

    def getTestsInDirectory(self, suite, path_in_suite, litConfig, localConfig):
        for page in sorted(self.pages()):
            yield lit.Test.Test(suite, (*path_in_suite, *page.parts), localConfig)

    def pages(self):
        for folder, folders, files in os.walk(self.source):
            folders[:] = [f for f in folders if f not in SKIPPED_FOLDERS and not f.startswith("build")]
            for file in files:
                if file.endswith((".md", ".td")):
                    yield (Path(folder) / file).relative_to(self.source)

    def execute(self, test, litConfig):
        page = Path(*test.path_in_suite[1:])
        text = (self.source / page).read_text()
        environment = test.config.environment
        if ".venv/" in text and "python" not in test.config.available_features:
            return lit.Test.UNSUPPORTED, "needs the Python environment (scripts/bootstrap)"
        try:
            if page.suffix == ".md":
                self.check_links(page, text)
            self.check_blocks(page, text, environment)
        except DocumentError as error:
            return lit.Test.FAIL, f"{page}: {error}\n"
        return lit.Test.PASS, ""

    def check_links(self, page, text):
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:", target) or target.startswith("#"):
                continue
            path = (self.source / page).parent / target.split("#")[0]
            if not path.exists():
                raise DocumentError(f"the link to {target} leads nowhere")

    def check_blocks(self, page, text, environment):
        scratch = self.make_scratch(page) if page.suffix == ".md" else None
        output = None
        for line, language, body in blocks(text):
            where = f"line {line}"
            name = re.match(r"(?://|/\*|#) (\w+\.\w+)(?: \*/)?\n", body)
            if name and scratch:
                (scratch / name[1]).write_text(body)
            if language == "mlir":
                check_mlir(body, where, environment)
            elif language == "sh" and scratch:
                output = run(["bash", "-euo", "pipefail", "-c", body], where, environment, scratch)
                continue
            elif language == "text" and output is not None:
                check_output(body, output, where)
            output = None

    def make_scratch(self, page):
        """A folder with a link to everything at the root of the repository."""
        scratch = self.build / "test" / "Docs" / "Output" / "-".join(page.parts)
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        for entry in self.source.iterdir():
            if entry.name not in (".git", "build"):
                (scratch / entry.name).symlink_to(entry)
        (scratch / "build").symlink_to(self.build)
        return scratch


class DocumentError(Exception):
    pass


def blocks(text):
    """(line, language, body) of each fenced block that is not left alone."""
    fence = re.compile(
        r"^(?P<skip>[ ]*<!-- not run: .*-->\n)?(?P<indent>[ ]*)```(?P<language>\w*)\n"
        r"(?P<body>.*?)^(?P=indent)```$",
        re.MULTILINE | re.DOTALL,
    )
    for match in fence.finditer(text):
        if not match["skip"]:
            line = text.count("\n", 0, match.start("body"))
            yield line, match["language"], textwrap.dedent(match["body"])


def run(command, where, environment, folder=None, stdin=None):
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        raise DocumentError(f"{where}: exit code {done.returncode}\n{stdin or ''}{done.stdout}")
    return done.stdout


def check_output(expected, output, where):
    remaining = iter(output.splitlines())
    for line in filter(str.strip, expected.splitlines()):
        pattern = ".*".join(map(re.escape, line.split("..."))).replace(r"\ ", " ")
        pattern = re.sub(" +", " +", pattern.strip())
        if not any(re.fullmatch(pattern, candidate.strip()) for candidate in remaining):
            raise DocumentError(f"{where}: the output lacks, in its place: {line}\n{output}")


def check_mlir(body, where, environment):
    if body.startswith("#"):
        body = f"func.func private @example() attributes {{example = {body}}}"
    elif not re.search(r"^(func\.func|module)\b", body, re.MULTILINE):
        body = wrap_in_function(body)
    run(["attn-opt", "-"], where, environment, stdin=body)


def wrap_in_function(body):
    """Makes the values that one op uses and does not define the arguments of a
    function; their types are those that the op ends with."""
    code = re.sub(r"//.*", "", body)
    defined = set(re.findall(r"(%\w+): (?:index|f32|f64)\b", code))
    for results in re.findall(r"^ *(%.*?) =", code, re.MULTILINE):
        defined.update(re.findall(r"%\w+", results))
    used = [name for name in dict.fromkeys(re.findall(r"%\w+", code)) if name not in defined]
    signature = code[code.rindex(" : ") :].split("->")[0]
    types = re.findall(r"tensor<[^>]*>", signature)
    arguments = ", ".join(f"{name}: {type}" for name, type in zip(used, types))
    return f"func.func @example({arguments}) {{\n{body}return\n}}\n"
