# SPDX-License-Identifier: Apache-2.0
"""Other readings of a module: each mutation changes its syntax tree in one
place, so that one check or one order is another."""
import ast
import collections
import copy
import dataclasses

ORDERS = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
SETS = (ast.BitAnd, ast.BitOr)
# Modules whose functions do not leave anything behind when they fail: they
# only compute, or the client fails with them and forgets all.
ATOMIC = {"client_checks", "saved_state", "messages", "params", "encoding",
          "graph", "lanes"}
# Calls that raise no error of the protocol, and those that change lists,
# dictionaries, sets or a party.
BUILTIN = {"require", "items", "get", "keys", "values", "add", "pop"}
CHANGES = {"add", "pop", "update", "append", "clear", "wipe", "blame"}


@dataclasses.dataclass(frozen=True)
class Mutation:
    """One change. `path` leads from the module to the node or the list that is
    replaced by `new`; `lines` are those of the statement around it."""
    module: str
    function: str
    path: tuple
    new: object
    lines: tuple
    text: str

    def key(self):
        """Return a name that stays when lines move."""
        return "%s.%s: %s" % (self.module, self.function, self.text)

    def apply(self, tree):
        """Return the changed tree."""
        tree = copy.deepcopy(tree)
        parent = tree
        for field, at in self.path[:-1]:
            parent = getattr(parent, field)
            parent = parent if at is None else parent[at]
        field, at = self.path[-1]
        if at is None:
            setattr(parent, field, self.new)
        else:
            getattr(parent, field)[at] = self.new
        return ast.fix_missing_locations(tree)


def shown(node):
    """Return the source of a node or of a list of statements in one line."""
    nodes = node if isinstance(node, list) else [node]
    return "; ".join(" ".join(ast.unparse(n).split()) for n in nodes)


def constant(value):
    """Return the node of a constant."""
    return ast.Constant(value)


def with_ops(node, ops):
    """Return a comparison with other operators."""
    return ast.Compare(node.left, ops, node.comparators)


def of_compare(node, is_required):
    """Yield other comparisons. `is_required` tells that the comparison is the
    whole condition of a check, which is removed as a statement."""
    for i, op in enumerate(node.ops):
        if type(op) in ORDERS:
            ops = node.ops[:i] + [ORDERS[type(op)]()] + node.ops[i + 1:]
            yield with_ops(node, ops)
    if len(node.ops) == 2:
        yield ast.Compare(node.comparators[0], node.ops[1:],
                          node.comparators[1:])
        yield ast.Compare(node.left, node.ops[:1], node.comparators[:1])
    if not is_required:
        yield constant(True)
        yield constant(False)
    right = node.comparators[-1]
    if isinstance(node.ops[-1], (ast.Eq, ast.NotEq)) \
            and isinstance(right, ast.Constant) and type(right.value) is int:
        yield ast.Compare(node.left, node.ops, node.comparators[:-1] + [
            constant(right.value + 1)])
    if isinstance(node.ops[-1], (ast.In, ast.NotIn)) \
            and isinstance(right, (ast.Tuple, ast.Set)):
        for less in shorter(right):
            yield ast.Compare(node.left, node.ops, [less])


def shorter(node):
    """Yield a display without one of its elements."""
    for i in range(len(node.elts) if len(node.elts) > 1 else 0):
        elts = node.elts[:i] + node.elts[i + 1:]
        yield ast.Tuple(elts, ast.Load()) if isinstance(node, ast.Tuple) \
            else ast.Set(elts)


def of_bool(node):
    """Yield a conjunction or disjunction without one of its operands."""
    for i in range(len(node.values)):
        rest = node.values[:i] + node.values[i + 1:]
        yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)


def is_int(node):
    """Tell whether a node is an integer."""
    return isinstance(node, ast.Constant) and type(node.value) is int


def of_binary(node):
    """Yield one side of an operation on sets, of a difference, or of a sum
    with an integer."""
    if isinstance(node.op, SETS):
        yield from (node.left, node.right)
    elif isinstance(node.op, ast.Sub):
        yield node.left
    elif isinstance(node.op, ast.Add) and is_int(node.right):
        yield node.left
    elif isinstance(node.op, ast.Add) and is_int(node.left):
        yield node.right


def of_call(node):
    """Yield one argument of max and min, and any for all."""
    name = getattr(node.func, "id", "")
    if name in ("max", "min") and len(node.args) > 1:
        for i in range(len(node.args)):
            rest = node.args[:i] + node.args[i + 1:]
            yield rest[0] if len(rest) == 1 else ast.Call(node.func, rest, [])
    elif name in ("all", "any"):
        other = ast.Name("any" if name == "all" else "all", ast.Load())
        yield ast.Call(other, node.args, [])


def of_dict(node):
    """Yield a table without one of its rows."""
    for i in range(len(node.keys) if len(node.keys) > 1 else 0):
        yield ast.Dict(node.keys[:i] + node.keys[i + 1:],
                       node.values[:i] + node.values[i + 1:])


def of_expression(node, is_required):
    """Yield the other readings of an expression."""
    if isinstance(node, ast.Compare):
        yield from of_compare(node, is_required)
    elif isinstance(node, ast.BoolOp):
        yield from of_bool(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.BinOp):
        yield from of_binary(node)
    elif isinstance(node, ast.Call):
        yield from of_call(node)
    elif isinstance(node, ast.IfExp):
        yield from (node.body, node.orelse)
    elif isinstance(node, ast.Dict):
        yield from of_dict(node)


def required(node):
    """Return the call of require that a statement is, or None."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) \
            and getattr(node.value.func, "id", "") == "require":
        return node.value
    return None


def calls_of(node):
    """Yield the names of the calls in a node."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            yield getattr(part.func, "id", getattr(part.func, "attr", ""))


class Errors:
    """Which errors the functions of some modules may raise, by the simple
    names of the functions."""

    def __init__(self, sources):
        trees = [ast.parse(text) for text in sources.values()]
        self.names = {node.name for tree in trees for node in ast.walk(tree)
                      if isinstance(node, ast.ClassDef)
                      and node.name.isupper()}
        self.of_function = collections.defaultdict(set)
        functions = [node for tree in trees for node in ast.walk(tree)
                     if isinstance(node, ast.FunctionDef)]
        grew = True
        while grew:
            grew = False
            for node in functions:
                found = set().union(*map(self.of, node.body))
                grew = grew or not found <= self.of_function[node.name]
                self.of_function[node.name] |= found

    def of(self, node):
        """Return the errors that a statement may raise."""
        check = required(node)
        if check:
            return self.inside(check.args[0]) | self.named(check.args[1])
        out = set()
        for part in ast.walk(node):
            if isinstance(part, ast.Raise) and part.exc:
                out |= self.named(part.exc)
            elif required(part):
                out |= self.named(required(part).args[1])
        return out | self.inside(node)

    def inside(self, node):
        """Return the errors of the functions that a node calls."""
        return set().union(*(self.of_function.get(name, ())
                             for name in calls_of(node)
                             if name not in BUILTIN))

    def named(self, node):
        """Return the errors that an expression names. One that names none may
        be any."""
        return {part.id for part in ast.walk(node)
                if isinstance(part, ast.Name)} & self.names or {"any", "other"}


def changes_state(node):
    """Tell whether a statement changes more than local names."""
    for part in ast.walk(node):
        if isinstance(part, (ast.Attribute, ast.Subscript)) \
                and isinstance(part.ctx, ast.Store):
            return True
    return any(name in CHANGES or name.startswith(("accept_", "start", "set_",
                                                   "supply", "read"))
               for name in calls_of(node))


def names_of(node, context):
    """Return the local names that a statement reads or sets."""
    return {part.id for part in ast.walk(node)
            if isinstance(part, ast.Name) and isinstance(part.ctx, context)}


def may_swap(first, second, errors, is_atomic):
    """Tell whether the order of two neighbours can matter. It can if they
    raise different errors, or if one raises an error and the other changes
    some state that is left behind. It is no other reading if the second uses
    what the first computes."""
    if any(isinstance(x, (ast.FunctionDef, ast.ClassDef, ast.Import,
                          ast.ImportFrom)) or is_docstring(x)
           for x in (first, second)) \
            or isinstance(second, (ast.Return, ast.Raise, ast.Continue)):
        return False
    if names_of(first, ast.Store) & (names_of(second, ast.Load)
                                     | names_of(second, ast.Store)) \
            or names_of(second, ast.Store) & names_of(first, ast.Load):
        return False
    one, two = errors.of(first), errors.of(second)
    return bool(one and two and len(one | two) > 1) or not is_atomic and bool(
        one and changes_state(second) or two and changes_state(first))


def is_docstring(node):
    """Tell whether a statement is a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def is_removable(node):
    """Tell whether a statement is a check, another call, or sets some
    state."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, (ast.Call, ast.YieldFrom))
    if isinstance(node, ast.Assign):
        return all(isinstance(t, (ast.Attribute, ast.Subscript, ast.Tuple))
                   and not isinstance(getattr(t, "elts", [t])[0], ast.Name)
                   for t in node.targets)
    return isinstance(node, (ast.AugAssign, ast.Raise, ast.Delete))


def returns_last(node):
    """Tell whether a block consists of one return."""
    return len(node) == 1 and isinstance(node[0], (ast.Return, ast.Continue))


class Finder:
    """Finds the mutations of one module."""

    def __init__(self, module, tree, errors, keeps_error):
        """`keeps_error` has functions whose caller replaces every error by one
        and the same."""
        self.module, self.keeps_error = module, keeps_error
        self.errors = errors
        self.names, self.found = [], []
        self.block(tree.body, "body", ())

    def note(self, path, new, old, lines):
        """Note one mutation."""
        text = "%s => %s" % (shown(old), shown(new) if new else "")
        self.found.append(Mutation(
            self.module, ".".join(self.names) or "module", path, new, lines,
            text))

    def block(self, statements, field, path):
        """Find the mutations of a list of statements."""
        for i, node in enumerate(statements):
            at = path + ((field, i),)
            self.statement(node, at)
            if i + 1 < len(statements) and self.names \
                    and not self.keeps_error.intersection(self.names) \
                    and may_swap(node, statements[i + 1], self.errors,
                                 self.is_atomic()):
                pair = statements[i:i + 2]
                self.note(path + ((field, slice(i, i + 2)),), pair[::-1],
                          pair, span(pair[0], pair[1]))

    def is_atomic(self):
        """Tell whether what a failure leaves behind cannot be seen. A server
        whose phase is not closed is FAILED."""
        return self.module in ATOMIC or self.names[-1].startswith("close_")

    def statement(self, node, path):
        """Find the mutations of a statement."""
        if is_docstring(node):
            return
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            self.names.append(node.name)
            self.block(node.body, "body", path)
            self.names.pop()
            return
        lines = header(node)
        if self.names and is_removable(node):
            self.note(path, ast.Pass(), node, lines)
        check = required(node)
        if check and not self.keeps_error.intersection(self.names):
            self.other_error(check, path, lines)
        if isinstance(node, ast.If):
            for value in (True, False):
                if not isinstance(node.test, (ast.Compare,)):
                    self.note(path + (("test", None),), constant(value),
                              node.test, lines)
        for field, value in ast.iter_fields(node):
            self.field(node, field, value, path, lines, check)

    def other_error(self, check, path, lines):
        """Find the check that raises another error."""
        error = check.args[1]
        if isinstance(error, ast.Name):
            other = "STATE" if error.id == "MESSAGE" else "MESSAGE"
            self.note(path + (("value", None), ("args", 1)),
                      ast.Name(other, ast.Load()), check, lines)

    def field(self, node, field, value, path, lines, check):
        """Find the mutations in a field of a statement or an expression."""
        if isinstance(value, list) and value \
                and isinstance(value[0], ast.stmt):
            self.block(value, field, path)
        elif isinstance(value, list):
            for i, item in enumerate(value):
                self.any(item, path + ((field, i),), lines, check)
        elif isinstance(value, ast.AST):
            self.any(value, path + ((field, None),), lines, check)

    def any(self, node, path, lines, check):
        """Find the mutations of an expression or an except clause."""
        if isinstance(node, ast.ExceptHandler):
            for field, value in ast.iter_fields(node):
                self.field(node, field, value, path, lines, None)
            never = copy.copy(node)
            never.type = ast.Tuple([], ast.Load())
            self.note(path, never, node, span(node, node))
            return
        if not isinstance(node, (ast.expr, ast.comprehension, ast.keyword)):
            return
        if isinstance(node, ast.comprehension):
            if node.ifs:
                bare = copy.copy(node)
                bare.ifs = []
                self.note(path, bare, node, lines)
        is_required = bool(check) and path[-1] == ("args", 0) \
            and check.args[0] is node
        for new in of_expression(node, is_required):
            self.note(path, new, node, lines)
        for field, value in ast.iter_fields(node):
            self.field(node, field, value, path, lines, check)


def span(first, last):
    """Return the lines from one statement to another."""
    return first.lineno, last.end_lineno


def header(node):
    """Return the lines of a statement, of a compound one without its body."""
    body = getattr(node, "body", None)
    if isinstance(body, list) and body:
        return node.lineno, max(node.lineno, body[0].lineno - 1)
    return node.lineno, node.end_lineno


@dataclasses.dataclass(frozen=True)
class Reading:
    """A change of the text of a module, found by a person (readings.py)."""
    module: str
    function: str
    changed: str
    lines: tuple
    text: str

    def key(self):
        """Return a name."""
        return "%s.%s: %s" % (self.module, self.function, self.text)

    def apply(self, _):
        """Return the changed tree."""
        return ast.parse(self.changed)


def readings_of(module, source, readings):
    """Return the readings of a module. Each changes a text that occurs
    once."""
    out = []
    for name, changed_module, old, new in readings:
        if changed_module == module:
            assert source.count(old) == 1, name
            first = source[:source.index(old)].count("\n") + 1
            out.append(Reading(module, "reading",
                               source.replace(old, new),
                               (first, first + old.count("\n")), name))
    return out


def place(path):
    """Return a path in a form that can be compared."""
    return tuple((field, str(at)) for field, at in path)


def mutations_of(module, source, errors, keeps_error=frozenset()):
    """Return the tree of a module and all mutations, in the order of its
    lines. Of those with one key, all but the first have a number."""
    tree = ast.parse(source)
    unique, keys = {}, collections.Counter()
    for mutation in sorted(Finder(module, tree, errors, keeps_error).found,
                           key=lambda x: x.lines[0]):
        new = mutation.new if isinstance(mutation.new, list) \
            else [mutation.new]
        unique.setdefault((place(mutation.path), *map(ast.dump, new)),
                          mutation)
    out = []
    for mutation in unique.values():
        keys[mutation.key()] += 1
        number = keys[mutation.key()]
        if number > 1:
            mutation = dataclasses.replace(
                mutation, text="%s (%d)" % (mutation.text, number))
        out.append(mutation)
    return tree, out
