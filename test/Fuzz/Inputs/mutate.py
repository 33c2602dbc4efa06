"""Changes texts a little, as tokens or as bytes; everything follows from the seed."""

import re

TOKEN = re.compile(
    r"[%@#!^][\w.$-]*(?:#\d+)?"  # values, symbols, attributes, types, blocks
    r"|\"[^\"\n]*\"|->|::|-?\d+\.\d+(?:[eE][+-]?\d+)?|-?\d+|[A-Za-z_][\w.$]*|\s+|.",
    re.S,
)
# In place of numbers: ends of ranges, and what looks like one.
NUMBERS = (
    "0 1 2 3 7 8 16 17 63 64 65 255 1024 65536 -1 -2 2147483647 2147483648 4294967296"
    " 9223372036854775807 -9223372036854775808 18446744073709551616 0.0 -0.0 1.0e308 1.0e999"
    " 0x7FC00000 ?"
).split()
TYPES = "f32 f64 f16 bf16 f8E4M3FN i1 i4 i8 i32 i64 i128 index none".split()
OPEN, CLOSE = "([{<", ")]}>"


def tokens(text):
    return TOKEN.findall(text)


def is_number(token):
    return re.fullmatch(r"-?\d+(\.\d+.*)?|\?", token) is not None


def matching(items, at):
    """Behind the bracket that closes the one at `at`, as far as there is one."""
    depth = 0
    for end in range(at, len(items)):
        if items[end] in OPEN:
            depth += 1
        elif items[end] in CLOSE:
            depth -= 1
            if depth == 0:
                return end + 1
    return len(items)


class Mutator:
    """Of texts in one corpus, from which parts are taken over."""

    def __init__(self, random, corpus):
        self.random = random
        self.corpus = [tokens(text) for text in corpus]

    def at(self, items, wanted=lambda token: True):
        places = [n for n, item in enumerate(items) if not item.isspace() and wanted(item)]
        return self.random.choice(places) if places else None

    def foreign(self):
        return self.random.choice(self.corpus)

    # Changes that mostly leave the syntax right.

    def change_number(self, items):
        at = self.at(items, is_number)
        if at is not None:
            items[at] = self.random.choice(NUMBERS)

    def replace(self, items, at, change):
        """One token, or all that are the same."""
        old, everywhere = items[at], self.random.random() < 0.6
        for n, item in enumerate(items):
            if n == at or (everywhere and item == old):
                items[n] = change(item)

    def change_shape(self, items):
        """tensor<?x8x...>: a number is part of a word here."""
        at = self.at(items, lambda token: re.fullmatch(r"x\d+(x\w+)?", token))
        if at is not None:
            size = self.random.choice(["0", "1", "3", "64", "131072", "2147483648"])
            self.replace(items, at, lambda item: re.sub(r"\d+", size, item, count=1))

    def change_type(self, items):
        types = "|".join(TYPES)
        at = self.at(items, lambda token: re.fullmatch(rf"x?(\d+x)*({types})", token))
        if at is not None:
            new = self.random.choice(TYPES)
            self.replace(items, at, lambda item: re.sub(rf"({types})$", new, item))

    def change_name(self, items):
        at = self.at(items, lambda token: token[0] in "%@#")
        if at is not None:
            same = [item for item in items if item[0] == items[at][0]]
            items[at] = self.random.choice(same)

    def change_word(self, items):
        at = self.at(items, lambda token: token[0].isalpha() or token[0] == '"')
        if at is not None:
            words = [item for item in self.foreign() if item[0].isalpha() or item[0] == '"']
            if words:
                items[at] = self.random.choice(words)

    def lines(self, items):
        ends = [n for n, item in enumerate(items) if "\n" in item]
        if len(ends) < 3:
            return None
        first = self.random.randrange(len(ends) - 1)
        return ends[first], ends[first + 1]

    def erase_line(self, items):
        if found := self.lines(items):
            del items[found[0] : found[1]]

    def repeat_line(self, items):
        if found := self.lines(items):
            to = self.lines(items)[0]
            items[to:to] = items[found[0] : found[1]]

    # Changes that mostly do not.

    def erase(self, items):
        if (at := self.at(items)) is not None:
            del items[at : at + self.random.choice([1, 1, 1, 2, 5])]

    def repeat(self, items):
        if (at := self.at(items)) is not None:
            items.insert(at, items[at])

    def swap(self, items):
        one, other = self.at(items), self.at(items)
        if one is not None:
            items[one], items[other] = items[other], items[one]

    def erase_group(self, items):
        at = self.at(items, lambda token: token in OPEN)
        if at is not None:
            inner = self.random.random() < 0.5
            end = matching(items, at)
            del items[at + inner : end - inner]

    def splice(self, items):
        other = self.foreign()
        at, to = self.at(items), self.at(other)
        if at is not None and to is not None:
            items[at:at] = other[to : to + self.random.randrange(1, 12)]

    def splice_group(self, items):
        other = self.foreign()
        at = self.at(items, lambda token: token in OPEN)
        to = self.at(other, lambda token: token in OPEN)
        if at is not None and to is not None:
            items[at : matching(items, at)] = other[to : matching(other, to)]

    def cut(self, items):
        if (at := self.at(items)) is not None:
            del items[at:]

    def insert_byte(self, items):
        if (at := self.at(items)) is not None:
            items.insert(at, self.random.choice("\x00\x01\x7f\xffé\\\"'{}()[]<>%@#!^$?*,:;=-"))

    GENTLE = [change_number, change_number, change_shape, change_type, change_name, change_name]
    GENTLE += [change_word, erase_line, repeat_line]
    ROUGH = [erase, repeat, swap, erase_group, splice, splice_group, cut, insert_byte]

    def text(self, rough):
        """A member of the corpus after one to three changes."""
        items = list(self.foreign())
        for _ in range(self.random.choice([1, 1, 1, 1, 2, 3])):
            if items:
                self.random.choice(self.GENTLE + self.ROUGH if rough else self.GENTLE)(self, items)
        # What separates modules would make two of one.
        return "".join(items).replace("// -----", "//")


def mutate_bytes(random, data):
    """`data` with a few bytes changed, put in, taken out, or cut off."""
    data = bytearray(data)
    for _ in range(random.choice([1, 1, 2, 8])):
        at = random.randrange(len(data) + 1)
        match random.randrange(5):
            case 0:
                data[at : at + 1] = bytes([random.randrange(256)])
            case 1:
                data[at:at] = bytes(random.choices(b"0123456789-(),'<fi{}", k=random.randrange(1, 6)))
            case 2:
                del data[at : at + random.randrange(1, 16)]
            case 3:
                del data[at:]
            case 4:
                data[at:at] = data[: random.randrange(len(data) + 1)]
    return bytes(data)
